"""A document ⇄ the JSON that editions keep. Pure: whatever fields a block has are written and read."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

from issues.document.values import BLOCK_KINDS, BlockKind, BlockValue, Document

# A change that old editions cannot be read with raises it and brings a reader for the old.
FORMAT_NUMBER = 1


class BadDocument(ValueError):
    """JSON that is no document: names the first thing that does not fit."""


def to_json(document: Document) -> dict[str, Any]:
    """The form that editions keep; `from_json(to_json(document)) == document`."""
    return {"format": FORMAT_NUMBER, **_plain(document)}


def from_json(data: Mapping[str, Any]) -> Document:
    """Raises BadDocument where the JSON is not what `to_json` wrote."""
    if data.get("format") != FORMAT_NUMBER:
        raise BadDocument(
            f"This document has format {data.get('format')!r}; this version reads format {FORMAT_NUMBER}."
        )
    return typing.cast(
        "Document", _read(Document, {key: value for key, value in data.items() if key != "format"}, "issue")
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return {"kind": value.kind, **fields} if isinstance(value, BlockValue) else fields


def _read(shape: Any, value: Any, where: str) -> Any:
    if shape == BlockKind:
        shape, value = _block_shape(value, where)
    if dataclasses.is_dataclass(shape):
        return _read_fields(typing.cast("type[Any]", shape), value, where)
    if typing.get_origin(shape) is tuple:
        if not isinstance(value, list):
            raise BadDocument(f"{where} is no list.")
        return tuple(_read(typing.get_args(shape)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    allowed = typing.get_args(shape) if isinstance(shape, types.UnionType) else (shape,)
    if type(value) not in allowed:
        raise BadDocument(f"{where} is {value!r}, which is not of the expected type.")
    return value


def _block_shape(value: Any, where: str) -> tuple[type[BlockKind], dict[str, Any]]:
    if not isinstance(value, dict) or value.get("kind") not in BLOCK_KINDS:
        raise BadDocument(f"{where} is no block of a known kind.")
    return BLOCK_KINDS[value["kind"]], {key: item for key, item in value.items() if key != "kind"}


def _read_fields(shape: type[Any], value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise BadDocument(f"{where} is no object.")
    shapes = typing.get_type_hints(shape)
    known = {f.name for f in dataclasses.fields(shape)}
    if unknown := value.keys() - known:
        raise BadDocument(f"{where} has the unknown field {min(unknown)!r}.")
    try:
        return shape(**{name: _read(shapes[name], item, f"{where}.{name}") for name, item in value.items()})
    except TypeError as error:
        raise BadDocument(f"{where} lacks a field: {error}.") from None
