"""Elements with text, as lxml wants them built."""

from datetime import UTC, datetime
from typing import Final

from lxml import etree

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A child element; attributes stand in the order given."""
    child = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        child.set(name, value)
    child.text = text
    return child


def written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
