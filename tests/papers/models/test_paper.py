"""Papers: what the database refuses, and what their querysets find."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from papers.models import Paper, PaperEvent, PaperLink, PaperVersion
from tests.builders import make_paper

pytestmark = pytest.mark.django_db


def refused(constraint: str, write: Callable[[], object]) -> bool:
    """Whether the database names this constraint when the rows are written."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return constraint in str(error.value)


def test_a_paper_has_an_arxiv_id_or_a_slug_and_not_both() -> None:
    assert refused("paper_has_one_address", lambda: make_paper("2509.00001", slug="a-slug"))
    assert refused("paper_has_one_address", lambda: make_paper(slug=None))


def test_two_papers_never_share_an_arxiv_id_or_a_slug() -> None:
    make_paper("2509.00001")
    make_paper(slug="elsewhere")
    assert refused("arxiv_id", lambda: make_paper("2509.00001"))
    assert refused("slug", lambda: make_paper(slug="elsewhere"))


def test_a_paper_has_a_title() -> None:
    assert refused("paper_has_a_title", lambda: make_paper(title=""))


def test_a_paper_that_speaks_of_its_withdrawal_and_is_not_withdrawn_is_in_doubt() -> None:
    doubtful = make_paper("2509.00001", withdrawal="Withdrawn and replaced by another.")
    certain, plain = make_paper("2509.00002", withdrawn=True, withdrawal="Withdrawn."), make_paper("2509.00003")
    assert list(Paper.objects.in_doubt()) == [doubtful]
    assert [paper.is_in_doubt for paper in (doubtful, certain, plain)] == [True, False, False]


def test_versions_are_numbered_from_one_and_each_is_there_once() -> None:
    paper = make_paper()
    PaperVersion.objects.create(paper=paper, version=1)
    assert refused("paperversion_once", lambda: PaperVersion.objects.create(paper=paper, version=1))
    assert refused("paperversion_from_one", lambda: PaperVersion.objects.create(paper=paper, version=0))


def test_a_link_is_of_a_known_kind_and_there_once() -> None:
    paper, url = make_paper(), "https://github.com/a/b"
    PaperLink.objects.create(paper=paper, kind="code", url=url)
    assert refused("paperlink_once", lambda: PaperLink.objects.create(paper=paper, kind="project", url=url))
    assert refused("paperlink_kind_known", lambda: PaperLink.objects.create(paper=paper, kind="podcast", url=f"{url}c"))


def test_an_event_is_of_a_known_kind_and_there_once() -> None:
    paper = make_paper()
    PaperEvent.objects.create(paper=paper, kind="version", detail="v2")
    assert refused("paperevent_once", lambda: PaperEvent.objects.create(paper=paper, kind="version", detail="v2"))
    assert refused("paperevent_kind_known", lambda: PaperEvent.objects.create(paper=paper, kind="rumour"))


def test_papers_resembling_a_title_come_the_likest_first_and_without_stubs() -> None:
    far = make_paper(title="Theoretical limits of embedding retrieval in practice")
    near = make_paper(title="On the Theoretical Limitations of Embedding-Based Retrieval")
    make_paper(title="On the Theoretical Limitations of Embedding-Based Retrieval", stub=True)
    make_paper(title="Something quite different")
    found = Paper.objects.all().resembling("On the theoretical limitations of embedding based retrieval")
    assert list(found) == [near, far]


def test_stubs_are_the_papers_that_say_so() -> None:
    stub = make_paper(stub=True)
    make_paper()
    assert list(Paper.objects.stubs()) == [stub]


def test_a_paper_is_found_at_the_end_of_its_own_address() -> None:
    papers = [make_paper(), make_paper("hep-th/9901001"), make_paper(slug="from-elsewhere")]
    assert [Paper.objects.all().at(paper.key).get() for paper in papers] == papers


def test_the_search_vector_of_a_paper_stays_in_the_database() -> None:
    make_paper("2509.00001")
    assert Paper.objects.get().get_deferred_fields() == {"search"}


def test_the_database_keeps_the_search_vector_up_to_date() -> None:
    make_paper(title="Sparse attention", authors=["Kaiming He"])
    Paper.objects.update(abstract="Naïve models")
    kept = Paper.objects.values_list("search", flat=True).get()
    assert kept == "'attent':2A 'he':4B 'kaiming':3B 'model':6C 'naiv':5C 'spars':1A"


def test_a_paper_is_found_by_its_authors_however_their_names_are_spelled() -> None:
    paper = make_paper(authors=["Ada Lovelace", "Paul Erdős"])
    make_paper(authors=["P. Erdős"])
    assert list(Paper.objects.all().by_author("paul-erdos")) == [paper]
    assert list(Paper.objects.all().by_any_author(["nobody", "ada-lovelace"])) == [paper]


def test_no_text_has_too_many_words_for_the_search_vector() -> None:
    words = " ".join(map(str, range(200_000)))
    make_paper(title=words, authors=[words], abstract=words)
    assert Paper.objects.values_list("search", flat=True).get().startswith("'0':1A,")
