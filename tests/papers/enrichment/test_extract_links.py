"""Links found in what authors write."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.enrichment.extract_links import FoundLink, canonical_url, find_links, kind_of, merge_links
from papers.ingest.bulk_formats import parse_line
from tests.data import data_path, needs_data


def found(text: str) -> list[tuple[str, str]]:
    return [(link.kind, link.url) for link in find_links(text, "")]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("available at: github.com/mahdiabavisani/DSRC.", "https://github.com/mahdiabavisani/DSRC"),
        (r"is \href{https://github.com/Huage001/URAE}{here}.", "https://github.com/Huage001/URAE"),
        (r"at \url{https://github.com/someone/a\_b}.", "https://github.com/someone/a_b"),
        ("code (https://github.com/apple/ml-mobileclip-dr). The", "https://github.com/apple/ml-mobileclip-dr"),
        ("[https://github.com/E/Attn-](https://github.com/E/Attn-)", "https://github.com/E/Attn-"),
        ("at https: //github.com/HongkLin/TIDE.", "https://github.com/HongkLin/TIDE"),
        ("at https://github.com/ elakhatibi/CDE-RAG now", "https://github.com/elakhatibi/CDE-RAG"),
        ("“https://github.com/soraproducer/Awesome”,", "https://github.com/soraproducer/Awesome"),
        ("http://www.GitHub.com/mahmed10/CAMSS.git", "https://github.com/mahmed10/CAMSS"),
        ("https://github.com/skleee/GLEN/tree/main/", "https://github.com/skleee/GLEN"),
        ("https://github.com/skleee/GLEN#readme;", "https://github.com/skleee/GLEN"),
        ("https://github.com/xiaomi-mlab/mila.github.io.", "https://github.com/xiaomi-mlab/mila.github.io"),
        ("https://github.com/microsoft/unilm/tree/master/e5", "https://github.com/microsoft/unilm/tree/master/e5"),
        ("https://github.com/skleee/GLEN—our code", "https://github.com/skleee/GLEN"),
    ],
)
def test_address_of_code_is_found_clean(text: str, url: str) -> None:
    assert found(text) == [("code", url)]


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("https://gitlab.com/a/b", "code", "https://gitlab.com/a/b"),
        ("https://anonymous.4open.science/r/co-1/", "code", "https://anonymous.4open.science/r/co-1"),
        ("https://git.tu-berlin.de/a/b", "code", "https://git.tu-berlin.de/a/b"),
        ("https://huggingface.co/datasets/fatdove/Iris", "data", "https://huggingface.co/datasets/fatdove/Iris"),
        ("https://zenodo.org/records/123", "data", "https://zenodo.org/records/123"),
        ("https://www.kaggle.com/datasets/a/b", "data", "https://kaggle.com/datasets/a/b"),
        ("huggingface.co/stanfordmimi/MedVAL-4B )", "model", "https://huggingface.co/stanfordmimi/MedVAL-4B"),
        ("https://huggingface.co/inceptionai.", "project", "https://huggingface.co/inceptionai"),
        ("https://huggingface.co/spaces/a/b", "project", "https://huggingface.co/spaces/a/b"),
        ("codegoat24.github.io/UniGenBench/", "project", "https://codegoat24.github.io/UniGenBench"),
        ("https://x.github.io/).", "project", "https://x.github.io"),
        ("http://www.cis.upenn.edu/\\~treebank/", "project", "http://www.cis.upenn.edu/~treebank"),
        ("(see https://en.wikipedia.org/wiki/A_(b)).", "project", "https://en.wikipedia.org/wiki/A_(b)"),
        ("https://www.youtube.com/watch?v=Qx", "video", "https://youtube.com/watch?v=Qx"),
        ("https://youtu.be/abC.", "video", "https://youtu.be/abC"),
        ("https://vimeo.com/1", "video", "https://vimeo.com/1"),
        ("https://doi.org/10.5281/zenodo.17364038.", "data", "https://doi.org/10.5281/zenodo.17364038"),
        ("https://doi.org/10.7910/DVN/ABC", "data", "https://doi.org/10.7910/DVN/ABC"),
        ("https://dataverse.nl/dataset/1", "data", "https://dataverse.nl/dataset/1"),
        ("https://tum.figshare.com/articles/1", "data", "https://tum.figshare.com/articles/1"),
        ("available at\n osf.io/fruq8", "data", "https://osf.io/fruq8"),
        ("https://modelscope.cn/models/a/b", "model", "https://modelscope.cn/models/a/b"),
        ("https://www.modelscope.cn/datasets/a/b", "data", "https://www.modelscope.cn/datasets/a/b"),
    ],
)
def test_kind_follows_from_the_host(text: str, kind: str, url: str) -> None:
    assert found(text) == [(kind, url)]


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/abs/2501.01234 and http://www.arxiv.org/pdf/2501.01234",
        "https://doi.org/10.1000/1 http://dx.doi.org/10.1000/1",
        "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1 https://openaccess.thecvf.com/content/a",
        "https://github.com https://github.com/XXXXX https://huggingface.co/xxx/yyy.",
        "https://huggingface.co/papers/2501.01234",
        "http://creativecommons.org/licenses/by/4.0/",
        "this https URL",
        "javascript:alert(1) ftp://example.org/x data:text/html,x",
        "https://user:secret@example.org/x",
        "https://127.0.0.1/x https://[::1]/x https://localhost/x https://example.org:8443/x",
        "name@github.com/x",
        "https:// https://. https://-x.org/",
        "",
    ],
)
def test_what_is_no_link_of_the_project_is_left_out(text: str) -> None:
    assert found(text) == []


def test_the_same_link_is_listed_once_where_it_first_stood() -> None:
    links = find_links("https://github.com/A/B.", "Code: http://github.com/a/b/ and https://a.github.io")
    assert links == (
        FoundLink("code", "https://github.com/A/B", "abstract"),
        FoundLink("project", "https://a.github.io", "comment"),
    )


def test_videos_that_differ_in_letter_case_are_two() -> None:
    assert len(find_links("https://youtu.be/abC https://youtu.be/abc", "")) == 2


def test_given_link_comes_before_the_same_one_found() -> None:
    given_link = FoundLink("project", "https://github.com/a/b", "given")
    assert merge_links([given_link], find_links("https://github.com/a/b", "")) == (given_link,)


@needs_data
def test_links_of_the_seed_papers_are_found() -> None:
    records = map(parse_line, data_path("seed/papers.jsonl").read_bytes().splitlines())
    assert "https://github.com/bingreeky/AgenTracer" in {link.url for record in records for link in record.links}


@needs_data
def test_hardly_a_repository_named_in_the_sample_is_missed() -> None:
    rows = [json.loads(line) for line in data_path("arxiv/corpus/sample_2000.jsonl").read_text().splitlines()]
    naming = [row["abstract"] for row in rows if re.search(r"https://github.com/(?!XXX)", row["abstract"])]
    missed = [text for text in naming if "code" not in {link.kind for link in find_links(text, "")}]
    assert len(naming) > 100
    assert missed == []


@given(st.text(alphabet="htps:/.w githubcomarxvo{}\\()[]#?&=%~_-éA1", max_size=120))
def test_every_link_found_is_canonical(text: str) -> None:
    for link in find_links(text, text):
        assert canonical_url(link.url) == link.url
        assert kind_of(link.url) == link.kind
