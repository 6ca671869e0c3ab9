"""Links to code, projects, data, models and videos that a paper's abstract and comment give."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link in canonical form. `kind`: paper, code, project, data, model, video or thread;
    `where` it stood: abstract, comment or given (the source named it as a link)."""

    kind: str
    url: str
    where: str


# In bytes, so that an index of PostgreSQL can hold it.
LONGEST_URL: Final = 2_000
LINK_KINDS: Final = frozenset({"paper", "code", "project", "data", "model", "video", "thread"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODE: Final = _words(
    "github.com gist.github.com gitlab.com bitbucket.org codeberg.org anonymous.4open.science git.io "
    "gitee.com sourceforge.net code.google.com colab.research.google.com raw.githubusercontent.com"
)
_DATA: Final = _words(
    "zenodo.org figshare.com osf.io data.mendeley.com dataverse.harvard.edu physionet.org openneuro.org "
    "ieee-dataport.org archive.ics.uci.edu datadryad.org borealisdata.ca data.4tu.nl"
)
_VIDEO: Final = _words("youtube.com m.youtube.com youtu.be vimeo.com bilibili.com")
# Where the paper itself, its publisher or its licence is: no link of the project.
_NOT_OF_A_PROJECT: Final = _words(
    "arxiv.org doi.org dx.doi.org openreview.net aclanthology.org aclweb.org proceedings.mlr.press "
    "dl.acm.org ieeexplore.ieee.org link.springer.com springerlink.com sciencedirect.com "
    "nature.com papers.nips.cc mdpi.com proceedings.neurips.cc semanticscholar.org researchgate.net "
    "ceur-ws.org creativecommons.org orcid.org hdl.handle.net ssrn.com openaccess.thecvf.com ojs.aaai.org "
    "melba-journal.org scitepress.org techrxiv.org biorxiv.org medrxiv.org preprints.org escholarship.org "
    "projecteuclid.org jmlr.org isca-archive.org eprint.iacr.org hal.science tandfonline.com onlinelibrary.wiley.com "
    "frontiersin.org journals.plos.org journals.sagepub.com academic.oup.com worldscientific.com"
)
# Registrants of DOIs that are data, not papers: Zenodo, figshare, Mendeley, Dataverse, Dryad, 4TU, Borealis, IEEE
# DataPort, PhysioNet, OSF, Hugging Face.
_DATA_DOIS: Final = (
    "10.5281/zenodo.",
    "10.6084/m9.figshare.",
    "10.17632/",
    "10.7910/dvn/",
    "10.5061/dryad.",
    "10.4121/",
    "10.5683/",
    "10.21227/",
    "10.13026/",
    "10.17605/osf.io/",
    "10.57967/hf/",
)
_DOI: Final = _words("doi.org dx.doi.org")
_HUGGING_FACE: Final = _words("huggingface.co hf.co")
_HUGGING_FACE_SITE: Final = _words("spaces collections blog docs organizations posts learn")
_CASELESS: Final = _words("github.com gitlab.com bitbucket.org huggingface.co hf.co")
# Written before there is one.
_PLACEHOLDER = re.compile(r"x{3,}", re.IGNORECASE)
_MODELSCOPE: Final = {"datasets": "data", "models": "model"}
_KAGGLE: Final = {
    "datasets": "data",
    "competitions": "data",
    "c": "data",
    "code": "code",
    "models": "model",
}

# Beyond these, a web address without https:// is more often a slip of the full stop than a link.
_BARE_HOST = (
    r"(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|huggingface\.co|hf\.co|zenodo\.org|osf\.io|youtu\.be"
    r"|anonymous\.4open\.science|[a-z0-9-]+\.github\.io)"
)
_ADDRESS = re.compile(
    rf"(?:https?:\s?/\s?/?\s?|(?<![\w@./-])(?=www\.|{_BARE_HOST}/|[a-z0-9-]+\.github\.io\b))"
    r"(?P<rest>(?:(?:github\.com|huggingface\.co)/\s(?=[\w-]+/[\w-]))?[^\s<>\"{}|^`“”‘’（）【】，。；、–—…]{1,2000})",
    re.IGNORECASE | re.ASCII,
)
_TEX_TILDE = re.compile(r"\\textasciitilde(?:\{\})?\s?|\\~(?:\{\})?|\$\\sim\$")
_TEX_ESCAPE = re.compile(r"\\([_%#&~])")
# Most texts hold nothing like an address until their end: a quick look spares them the long pattern.
_HINT = re.compile(r":\s?/|\.(?:com|io|co/|org|science)|www\.|youtu\.be")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z]{2,}", re.ASCII)
_DEFAULT_BRANCH = re.compile(r"/(?:(?:tree|blob)/(?:main|master)|wiki|releases|issues)$")
_CLOSERS: Final = {")": "(", "]": "["}


def find_links(abstract: str, comment: str) -> tuple[FoundLink, ...]:
    """The links of both texts in order, each once; links to papers, publishers and licences are left out."""
    return merge_links(_links_in(abstract, "abstract"), _links_in(comment, "comment"))


def merge_links(*groups: Iterable[FoundLink]) -> tuple[FoundLink, ...]:
    """All links in order; of two that differ in scheme, or in the case of a repository, the first is kept."""
    kept: dict[str, FoundLink] = {}
    for group in groups:
        for link in group:
            kept.setdefault(_sameness(link.url), link)
    return tuple(kept.values())


def _sameness(url: str) -> str:
    rest = url.partition("://")[2]
    return rest.lower() if rest.partition("/")[0] in _CASELESS else rest


def canonical_url(address: str) -> str | None:
    """The address with https (known hosts), host in lower case, nothing superfluous; None: no web address."""
    parts = _split(address)
    if parts is None:
        return None
    host = _canonical_host(parts.hostname or "")
    path = parts.path.rstrip("/")
    if host in _CODE or host in _HUGGING_FACE:
        path = _DEFAULT_BRANCH.sub("", path.removesuffix(".git"))
        return f"https://{host}{path}"
    scheme = "https" if _is_known(host) else parts.scheme.lower()
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{scheme}://{host}{path}{query}{fragment}"


def kind_of(url: str) -> str | None:
    """What a canonical address leads to, going by its host; None for papers, publishers, licences and placeholders."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    first, _, second = parts.path.strip("/").partition("/")
    if host in _DOI and parts.path[1:].lower().startswith(_DATA_DOIS):
        return "data"
    if _is_of_a_publisher(host) or (host in _CASELESS and (not first or _PLACEHOLDER.fullmatch(first))):
        return None
    if host in _HUGGING_FACE:
        return _kind_on_hugging_face(first, second)
    if host == "kaggle.com":
        return _KAGGLE.get(first, "project")
    if host.removeprefix("www.") in {"modelscope.cn", "modelscope.ai"}:
        return _MODELSCOPE.get(first, "project")
    return _kind_of_host(host)


def _links_in(text: str, where: str) -> Iterator[FoundLink]:
    hint = _HINT.search(text)
    if hint is None:
        return
    text = text[text.rfind(" ", 0, hint.start()) + 1 :]
    if "\\" in text:
        text = _TEX_ESCAPE.sub(r"\1", _TEX_TILDE.sub("~", text))
    for match in _ADDRESS.finditer(text):
        scheme = "http://" if match[0].lower().startswith("http:") else "https://"
        url = canonical_url(scheme + _without_tail("".join(match["rest"].split())))
        kind = kind_of(url) if url else None
        if url and kind:
            yield FoundLink(kind, url, where)


def _without_tail(address: str) -> str:
    """The address without the punctuation around it; a closing bracket goes where it is not opened inside."""
    address = address.partition("\\")[0]
    address = address.partition("](")[0]
    while address:
        last = address[-1]
        if last in _CLOSERS:
            if address.count(last) <= address.count(_CLOSERS[last]):
                break
        elif last not in ".,;:!?'*$([~":
            break
        address = address[:-1]
    return address


def _split(address: str) -> SplitResult | None:
    if not address.isprintable() or len(address.encode()) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    usual = parts.scheme.lower() in {"http", "https"} and port in {None, 80, 443} and "@" not in parts.netloc
    return parts if usual and _HOST.fullmatch(parts.hostname or "") else None


def _canonical_host(host: str) -> str:
    bare = host.lower().removeprefix("www.")
    return bare if _is_known(bare) else host.lower()


def _is_known(host: str) -> bool:
    named = host in _CODE or host in _DATA or host in _VIDEO or host in _HUGGING_FACE or host == "kaggle.com"
    return named or host.endswith((".github.io", ".gitlab.io")) or host == "sites.google.com"


def _kind_on_hugging_face(first: str, second: str) -> str | None:
    if first == "papers":
        return None
    if first == "datasets":
        return "data"
    return "model" if second and first not in _HUGGING_FACE_SITE else "project"


def _is_of_a_publisher(host: str) -> bool:
    """Also where it is one of several hosts of theirs: export.arxiv.org, papers.ssrn.com."""
    return host in _NOT_OF_A_PROJECT or host.partition(".")[2] in _NOT_OF_A_PROJECT


def _kind_of_host(host: str) -> str:
    if host in _CODE or host.startswith(("gitlab.", "git.")):
        return "code"
    if host in _DATA or host.startswith("dataverse.") or host.endswith(".figshare.com"):
        return "data"
    return "video" if host in _VIDEO else "project"
