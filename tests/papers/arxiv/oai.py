"""Answers of OAI-PMH, made to order in the shape of arXiv's own server."""

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-22T18:32:17Z</responseDate>'
DAY = date(2026, 11, 20)


def make_page(records: Sequence[str], token: str = "", *, list_size: int | None = None) -> bytes:
    size = "" if list_size is None else f' completeListSize="{list_size}" cursor="0"'
    tail = f"<resumptionToken{size}>{escape(token)}</resumptionToken>" if token or size else ""
    return f"{HEAD}<ListRecords>{''.join(records)}{tail}</ListRecords></OAI-PMH>".encode()


def make_raw(
    arxiv_id: str = "2509.03312",
    *,
    versions: Sequence[int] = (1,),
    title: str = "AgenTracer",
    datestamp: date = DAY,
    fields: str = "<categories>cs.CL cs.MA</categories>",
) -> str:
    """A record in arXivRaw; version N was submitted on the Nth of September 2025."""
    dated = "".join(f'<version version="v{n}"><date>{_written(n)}</date></version>' for n in versions)
    return (
        f"<record>{make_header(arxiv_id, datestamp)}"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{arxiv_id}</id>{dated}<title>{title}</title>'
        f"<authors>Guibin Zhang (Somewhere, Town) and Junhao Wang</authors>{fields}"
        "<abstract>Our own words.</abstract></arXivRaw></metadata></record>"
    )


def make_arxiv(arxiv_id: str = "2509.03312", *, datestamp: date = DAY) -> str:
    """A record in the format arXiv."""
    return (
        f"<record>{make_header(arxiv_id, datestamp)}"
        f'<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{arxiv_id}</id><created>2025-09-02</created>'
        "<authors><author><keyname>Zhang</keyname><forenames>Guibin</forenames><suffix>Jr.</suffix></author></authors>"
        "<title>AgenTracer</title><categories>cs.CL cs.MA</categories><abstract>Our own words.</abstract>"
        "</arXiv></metadata></record>"
    )


def make_deleted(arxiv_id: str = "2509.03312", datestamp: date = DAY) -> str:
    header = make_header(arxiv_id, datestamp).replace("<header>", '<header status="deleted">')
    return f"<record>{header}</record>"


def make_oai_error(code: str, sentence: str = "Reason: made") -> bytes:
    return f"{HEAD}<error code='{code}'>{sentence}</error></OAI-PMH>".encode()


def make_header(arxiv_id: str, datestamp: date) -> str:
    return (
        f"<header><identifier>oai:arXiv.org:{arxiv_id}</identifier><datestamp>{datestamp}</datestamp>"
        "<setSpec>cs:cs:CL</setSpec><setSpec>cs</setSpec></header>"
    )


def _written(version: int) -> str:
    return f"{date(2025, 9, version):%a, %d %b %Y} 10:00:00 GMT"
