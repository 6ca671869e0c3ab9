"""A block keeps its UUID when the file is read again."""

from issues.document.values import BlockKind, Document, HighlightBlock, HighlightPart, PaperRef, TextBlock, ThemesBlock
from issues.imports.align_blocks import align_blocks


def document(*blocks: BlockKind) -> Document:
    return Document(title="An issue", slug="an-issue", blocks=blocks)


def text(uuid: str, words: str, heading: str = "") -> TextBlock:
    return TextBlock(uuid=uuid, heading=heading, text=words)


def highlight(uuid: str, words: str, key: str) -> HighlightBlock:
    return HighlightBlock(
        uuid=uuid, heading="H", parts=(HighlightPart(text=words),), papers=(PaperRef(title="T", arxiv_id=key),)
    )


def uuids(new: Document, *earlier: BlockKind) -> list[str]:
    return [block.uuid for block in align_blocks(new, earlier).blocks]


def test_the_same_words_keep_their_uuid_wherever_they_stand() -> None:
    assert uuids(document(text("x", "Two"), text("y", "One")), text("1", "One"), text("2", "Two")) == ["2", "1"]


def test_a_uuid_in_the_file_goes_before_the_words() -> None:
    assert uuids(document(text("2", "One")), text("1", "One"), text("2", "Two")) == ["2"]


def test_a_rewritten_highlight_is_known_by_its_paper() -> None:
    earlier = highlight("1", "Old.", "2508.00001"), highlight("2", "Old too.", "2508.00002")
    assert uuids(document(highlight("x", "New.", "2508.00002")), *earlier) == ["2"]


def test_a_rewritten_text_is_known_by_its_heading() -> None:
    earlier = text("1", "Old.", "Intro"), text("2", "Old.", "Wrap-Up")
    assert uuids(document(text("x", "New.", "Wrap-Up")), *earlier) == ["2"]


def test_a_rewritten_text_without_heading_takes_the_place_that_is_left() -> None:
    assert uuids(document(text("x", "One"), text("y", "New")), text("1", "One"), text("2", "Two")) == ["1", "2"]


def test_a_block_of_another_kind_is_never_the_same() -> None:
    assert uuids(document(text("x", "One")), ThemesBlock(uuid="1", items=("One",))) == ["x"]


def test_a_new_block_without_uuid_gets_one_and_never_anothers() -> None:
    first, second, third = uuids(document(text("", "A"), text("1", "B"), text("1", "C")), text("1", "B"))
    assert second == "1"
    assert len({first, second, third, ""}) == 4
