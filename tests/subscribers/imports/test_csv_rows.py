"""Lines of a list → rows: notes of several lines stay whole, and what is broken costs its own line alone."""

from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.imports.csv_file import encoding_of, inspect_file, read_people
from subscribers.imports.csv_rows import MAX_LENGTH_LINE, CsvRow, number_lines, read_rows

OPEN = "A quotation mark is left open."


def rows_of(text: str, width: int | None = 2) -> list[CsvRow]:
    return list(read_rows(number_lines(StringIO(text, newline="")), ",", width))


def cells(text: str, width: int | None = 2) -> list[tuple[int, tuple[str, ...] | str]]:
    return [(row.number, row.fault or row.cells) for row in rows_of(text, width)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_one(end: str) -> None:
    assert cells(end.join(["a,b", "c,d"])) == [(1, ("a", "b")), (2, ("c", "d"))]


def test_a_note_of_several_lines_is_one_row_and_the_next_keeps_its_number() -> None:
    assert cells('"two\nlines, ""said""",b\nc,d\n') == [(1, ('two\nlines, "said"', "b")), (3, ("c", "d"))]


@pytest.mark.parametrize("text", ['"a,b\nc,d\n', 'a,"b\nc,d\n'])
def test_an_open_mark_costs_its_own_line(text: str) -> None:
    assert cells(text) == [(1, OPEN), (2, ("c", "d"))]


def test_two_open_marks_cost_two_lines() -> None:
    assert cells('"a@x,b\nc@x,d\n"e@x,f\ng@x,h\n') == [(1, OPEN), (2, ("c@x", "d")), (3, OPEN), (4, ("g@x", "h"))]


def test_people_between_two_marks_are_no_note() -> None:
    assert cells('a@x,"b\nc@x,d\ne@x,f"\n')[:2] == [(1, OPEN), (2, ("c@x", "d"))]


def test_marks_inside_a_cell_are_taken_as_written() -> None:
    assert cells('a 6" pipe,b\n"Orion" Weller,d\n') == [(1, ('a 6" pipe', "b")), (2, ("Orion Weller", "d"))]


def test_a_line_without_end_is_left_out_and_not_kept_in_memory() -> None:
    found = rows_of("a" * MAX_LENGTH_LINE * 3 + "\nc,d\n")
    assert ["longer than" in found[0].fault, found[1].number, found[1].cells] == [True, 2, ("c", "d")]


def test_empty_lines_are_left_out_and_counted() -> None:
    assert cells("a,b\n\n , \nc,d\n") == [(1, ("a", "b")), (4, ("c", "d"))]


garbage = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=80)


@given(garbage)
def test_whatever_a_line_holds_its_neighbours_are_read(line: str) -> None:
    found = cells(f"a@x,b\n{line}\nc@x,d\n", 2)
    assert found[0] == (1, ("a@x", "b"))
    assert found[-1] == (3, ("c@x", "d"))


@given(st.binary(max_size=200))
def test_whatever_bytes_a_line_holds_its_neighbours_are_read(
    tmp_path_factory: pytest.TempPathFactory, line: bytes
) -> None:
    path = tmp_path_factory.mktemp("list") / "list.csv"
    middle = line.replace(b"\n", b"").replace(b"\r", b"")
    path.write_bytes(b"email,name\na@example.org,A\n" + middle + b"\nc@example.org,C\n")
    found = [one.email for one in read_people(path)]
    assert (found[0], found[-1]) == ("a@example.org", "c@example.org")


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)
def test_encodings_are_known_with_and_without_a_mark(tmp_path: Path, encoding: str, found: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("email,name\na@example.org,Jörg\n".encode(encoding))
    assert encoding_of(path) == found
    assert [line.name for line in read_people(path)] == ["Jörg"]


def test_a_line_in_another_encoding_does_not_change_the_others(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("email,name\na@example.org,Jörg\n".encode() + "b@example.org,Jörg\n".encode("cp1252"))
    assert [line.name for line in read_people(path)] == ["Jörg", "Jörg"]


def test_the_file_says_how_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("uuid;email;name;status;attributes\n")
    sheet = inspect_file(path)
    assert (sheet.service, sheet.separator, sheet.encoding_label) == ("listmonk", ";", "UTF-8")
