"""The lines of a glossary block ⇄ its terms: a bare name has the glossary's wording, all else is the issue's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Lower

from glossary.models import GlossaryTerm
from issues.document.structured_text import format_term, join_lines, parse_term, split_lines
from issues.document.values import TermValue
from issues.models import Glossary
from issues.storage.slugs import free_slug
from issues.storage.write_counts import WriteLedger

_Known = Mapping[str, GlossaryTerm]


def known_terms(names: Iterable[str]) -> dict[str, GlossaryTerm]:
    """The terms of these names by their name in lower case, in one query."""
    wanted = sorted({name.strip() for name in names} - {""})
    lower = [name.lower() for name in wanted]
    found = GlossaryTerm.objects.alias(lower=Lower("name")).filter(Q(lower__in=lower) | Q(name__in=wanted))
    return {term.name.lower(): term for term in found}


def names_in(entries: str) -> list[str]:
    return [parse_term(line).name for line in split_lines(entries)]


def read_terms(entries: str, known: _Known) -> tuple[TermValue, ...]:
    return tuple(_worded(parse_term(line), known) for line in split_lines(entries))


def link_terms(block: Glossary) -> bool:
    """Brings the relation in step with the lines of the block; True where it had not been."""
    terms = set(known_terms(names_in(block.entries)).values())
    if set(block.terms.all()) == terms:
        return False
    block.terms.set(terms)
    return True


def put_terms(terms: Iterable[TermValue], ledger: WriteLedger) -> str:
    """The lines for these terms; unknown terms are added to the glossary, known ones stay as they are."""
    tidy = [_as_it_reads(term) for term in terms]
    known = known_terms(term.name for term in tidy)
    for term in tidy:
        if term.definition and term.name.lower() not in known:
            known[term.name.lower()] = _add(term, ledger)
        elif row := known.get(term.name.lower()):
            ledger.put(row, {}, name=row.name)
    return join_lines(_line(term, known) for term in tidy)


def _worded(line: TermValue, known: _Known) -> TermValue:
    row = known.get(line.name.lower())
    if row is None:
        return line
    qualifier = line.qualifier if line.definition else line.qualifier or row.qualifier
    return TermValue(
        name=line.name,
        qualifier=qualifier,
        definition=line.definition or row.definition,
        slug=row.slug,
        aliases=tuple(row.aliases),
    )


def _as_it_reads(term: TermValue) -> TermValue:
    """The term as its line will be read: one line, with what its name holds of a qualifier."""
    line = parse_term(" ".join(format_term(term).split()))
    return TermValue(
        name=line.name,
        qualifier=line.qualifier,
        definition=line.definition,
        slug=term.slug,
        aliases=term.aliases,
    )


def _add(term: TermValue, ledger: WriteLedger) -> GlossaryTerm:
    taken = GlossaryTerm.objects.values_list("slug", flat=True)
    row = GlossaryTerm()
    values = {
        "name": term.name,
        "qualifier": term.qualifier,
        "definition": term.definition,
        "slug": free_slug(term.slug or term.name, taken, default="term"),
        "aliases": list(term.aliases),
    }
    ledger.put(row, values, name=f"the term “{term.name}”")
    return row


def _line(term: TermValue, known: _Known) -> str:
    row = known.get(term.name.lower())
    if row and (row.qualifier, row.definition) == (term.qualifier, term.definition):
        return term.name
    return format_term(term)


def followed_terms(blocks: Iterable[Glossary]) -> frozenset[str]:
    """The names, in lower case, of the terms that have the glossary's wording in these blocks, whatever it becomes."""
    lines = (parse_term(line) for block in blocks for line in split_lines(block.entries))
    return frozenset(line.name.lower() for line in lines if not line.definition)
