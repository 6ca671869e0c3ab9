"""Every kind of block is known to every layer. What a new kind lacks is named here, in the order to write it."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import pytest
from django.db.migrations.loader import MigrationLoader
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from issues.admin.blocks import BLOCK_INLINES
from issues.document.json_form import from_json, to_json
from issues.document.template import BadOutline, PlannedBlock, empty_block, parse_outline
from issues.document.values import BLOCK_KINDS, WORDS, BlockKind, BlockValue
from issues.imports.parsers import parse_markdown
from issues.imports.parsers.marked import BLOCK_READERS
from issues.models import Block
from issues.rendering.formats.markdown import to_markdown
from issues.rendering.formats.markdown_blocks import body_of
from issues.rendering.formats.text import to_text
from issues.rendering.page.blocks import BlockSetting
from issues.rendering.page.typesetter import Typesetter
from issues.storage.block_rows import MODELS, fields_of, value_of
from llmwatch.demo.sample import SAMPLE_FOLDER
from tests.documents import EVERYTHING, make_document

SAMPLE_ISSUE = (SAMPLE_FOLDER / "issue.md").read_text()
# Fields that nobody reads as words: addresses and names, figures of a paper or a poll, what stands below a picture.
NO_WORDS = {"uuid", "url", "src", "poll", "origin", "papers", "results", "alt", "credit", "licence", "width", "height"}
MAY_STAY_EMPTY = {"sponsor", "paywall"}  # planned for an issue, and right without a word of its own


@pytest.mark.parametrize("value_class", BLOCK_KINDS.values(), ids=BLOCK_KINDS)
def test_a_kind_of_block_is_known_everywhere(value_class: type[BlockKind]) -> None:
    lacking = list(lacks(value_class))
    assert not lacking, "\n".join(["still to be written:", *lacking])


def test_what_a_new_kind_lacks_is_named() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class SongBlock(BlockValue):
        kind: ClassVar[str] = "song"
        verses: tuple[str, ...]

    first_words = [sentence.partition(":")[0] for sentence in lacks(SongBlock)]
    assert first_words == [
        "issues/document/values.py",
        "tests/documents.py",
        "issues/document/values.py",
        "issues/models/blocks.py",
    ]


def lacks(value_class: Any) -> Iterator[str]:
    """A sentence for each thing that is still to be written: the file, and what in it."""
    kind, name = value_class.kind, value_class.__name__
    if kind not in BLOCK_KINDS:
        yield f"issues/document/values.py: {name} stands in BlockKind"
    sample = next((block for block in EVERYTHING if type(block) is value_class), None)
    if sample is None:
        yield f"tests/documents.py: EVERYTHING has a {name}, with a word in each field, before the paywall"
    for field in dataclasses.fields(value_class):
        if field.name not in WORDS | NO_WORDS:
            yield f"issues/document/values.py: WORDS has “{field.name}” (or NO_WORDS of this test has)"
    if value_class not in MODELS:
        yield f"issues/models/blocks.py: a model has value_class = values.{name}"
    elif sample is not None:
        yield from lacks_in_storage(MODELS[value_class], value_class)
        yield from lacks_when_new(kind)
        yield from lacks_when_shown(sample)
        yield from lacks_in_files(sample)


def lacks_in_storage(model: type[Block], value_class: type[BlockKind]) -> Iterator[str]:
    if model._meta.model_name not in tables():
        yield "issues/migrations: `python manage.py makemigrations issues`"
    if model not in [vars(inline)["model"] for inline in BLOCK_INLINES]:
        yield f"issues/admin/blocks.py: an inline of {model.__name__} in INLINES"
    columns = {column.name for column in model._meta.get_fields()}
    other = [field.name for field in dataclasses.fields(value_class) if field.name not in columns]
    if other and not (is_registered(value_of, model) and is_registered(fields_of, value_class)):
        yield f"issues/storage/block_rows.py: value_of and fields_of for {model.__name__}, as no column is {other}"


def lacks_when_new(kind: str) -> Iterator[str]:
    try:
        (planned,) = parse_outline(kind)
    except BadOutline as error:
        if "cannot be planned" in str(error):
            return
        planned = PlannedBlock(kind, "A heading")
    if not empty_block(planned, ["Why?"]).is_unwritten and kind not in MAY_STAY_EMPTY:
        yield f"issues/document/values.py: is_unwritten of {kind} holds for an empty one (or it is in MAY_STAY_EMPTY)"


def lacks_when_shown(sample: BlockKind) -> Iterator[str]:
    try:
        shown = BlockSetting(Typesetter(None)).show(sample)
    except NotImplementedError as error:
        yield f"issues/rendering/page/blocks.py: {error}"
        return
    if shown.kind != sample.kind:
        yield f"issues/rendering/page/blocks.py: the kind of {type(shown).__name__} is {sample.kind!r}"
    for template in (shown.template, shown.mail_template):
        try:
            get_template(template)
        except TemplateDoesNotExist:
            yield f"templates/{template}: what `block` looks like there"


def lacks_in_files(sample: BlockKind) -> Iterator[str]:
    document = make_document(sample)
    if from_json(to_json(document)) != document:
        yield f"issues/document/json_form.py: the JSON of {sample.kind} reads back equal"
    try:
        to_text(document)
    except NotImplementedError as error:
        yield f"issues/rendering/formats/text.py: {error}"
    if not is_registered(body_of, type(sample)):
        yield f"issues/rendering/formats/markdown_blocks.py: body_of for {type(sample).__name__}"
    elif "<!-- block" in to_markdown(document) or parse_markdown(to_markdown(document)).document != document:
        yield f"issues/imports/parsers/marked.py: READERS reads what body_of writes of {sample.kind}"
    elif f"\n<!-- {sample.kind}" not in SAMPLE_ISSUE and sample.kind in BLOCK_READERS:
        yield f"llmwatch/demo/sample/issue.md: the sample issue has a {sample.kind}, where a reader would look for one"


@cache
def tables() -> set[str]:
    return {model for app, model in MigrationLoader(None).project_state().models if app == "issues"}


def is_registered(function: Any, shape: type) -> bool:
    return function.dispatch(shape) is not function.dispatch(object)
