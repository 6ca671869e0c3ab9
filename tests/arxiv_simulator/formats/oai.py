"""OAI-PMH 2.0 as arXiv speaks it: windows of days by datestamp, offsets as tokens, errors with HTTP 200."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from lxml import etree

from tests.arxiv_simulator.archive import Announced, Archive
from tests.arxiv_simulator.days import DAY, next_utc_midnight, oai_day
from tests.arxiv_simulator.faults import Answer, Fault
from tests.arxiv_simulator.formats.markup import XSI, add, written, zulu
from tests.arxiv_simulator.formats.oai_formats import FORMATS, add_metadata, namespace
from tests.arxiv_simulator.formats.sets import is_member, is_set, set_of, sets_of

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
_S: Final = f"{{{OAI}}}"
EARLIEST: Final = date(2005, 9, 16)
# Which arguments each verb takes; the first of them are required.
_ARGUMENTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Identify": ((), ()),
    "ListMetadataFormats": ((), ("identifier",)),
    "ListSets": ((), ("resumptionToken",)),
    "ListRecords": (("metadataPrefix",), ("from", "until", "set")),
    "ListIdentifiers": (("metadataPrefix",), ("from", "until", "set")),
    "GetRecord": (("identifier", "metadataPrefix"), ()),
}
_SENTENCES: Final = {
    "badVerb": "Value of the verb argument is not a legal OAI-PMH verb, the verb argument is missing, "
    "or the verb argument is repeated.",
    "badArgument": "The request includes illegal arguments, is missing required arguments, includes a repeated "
    "argument, or values for arguments have an illegal syntax.",
    "badResumptionToken": "The value of the resumptionToken argument is invalid or expired.",
    "cannotDisseminateFormat": "The metadata format identified by the value given for the metadataPrefix argument "
    "is not supported by the item or by the repository.",
    "idDoesNotExist": "The value of the identifier argument is unknown or illegal in this repository.",
    "noRecordsMatch": "The combination of the values of the from, until, set and metadataPrefix arguments "
    "results in an empty list.",
}


class OaiError(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{_SENTENCES[code]} Reason: {reason}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Window:
    """What a list is of; `skip` counts from the first record of `first`."""

    verb: str
    prefix: str
    first: date | None = None
    last: date | None = None
    set: str = ""
    skip: int = 0


@dataclass(slots=True)
class Repository:
    """`old` asks for the sets and tokens of before March 2025. `issued` holds when each token ends."""

    archive: Archive
    base: str
    page: int
    old: bool = False
    issued: dict[str, datetime] = field(default_factory=dict)

    def answer(self, pairs: Sequence[tuple[str, str]], now: datetime, fault: Fault) -> Answer:
        """The answer to these arguments; all errors of the protocol come with HTTP 200."""
        root = _envelope(now)
        params = dict(pairs)
        try:
            _require_legal(pairs)
            body = self._verb(params, now, fault)
        except OaiError as error:
            echo = params if error.code == "noRecordsMatch" else {}
            add(root, f"{_S}request", self.base, **echo)
            add(root, f"{_S}error", str(error), code=error.code)
        else:
            add(root, f"{_S}request", self.base, **params)
            root.append(body)
        return Answer.of(200, written(root), "text/xml; charset=utf-8")

    def _verb(self, params: Mapping[str, str], now: datetime, fault: Fault) -> etree._Element:
        verb = params["verb"]
        if verb == "Identify":
            return self._identify()
        if verb == "ListMetadataFormats":
            return _formats()
        if verb == "ListSets":
            return self._sets()
        if verb == "GetRecord":
            return self._record(params, now)
        token = params.get("resumptionToken")
        window = self._resumed(token, verb, now) if token is not None else _window(params, oai_day(now))
        return self._list(window, now, fault)

    def _identify(self) -> etree._Element:
        body = etree.Element(f"{_S}Identify")
        facts = {
            "repositoryName": "arXiv",
            "baseURL": self.base,
            "protocolVersion": "2.0",
            "adminEmail": "help@arxiv.org",
            "earliestDatestamp": EARLIEST.isoformat(),
            "deletedRecord": "persistent",
            "granularity": "YYYY-MM-DD",
        }
        for name, text in facts.items():
            add(body, f"{_S}{name}", text)
        return body

    def _sets(self) -> etree._Element:
        body = etree.Element(f"{_S}ListSets")
        categories = {one for paper in self.archive.papers.values() for one in paper.events[-1].state.categories}
        names = {set_of(category) for category in categories}
        groups = {":".join(name.split(":")[:depth]) for name in names for depth in (1, 2, 3)}
        for name in sorted(groups):
            element = add(body, f"{_S}set")
            add(element, f"{_S}setSpec", name)
            add(element, f"{_S}setName", name.rpartition(":")[2])
        return body

    def _record(self, params: Mapping[str, str], now: datetime) -> etree._Element:
        _require_format(params["metadataPrefix"])
        today = oai_day(now)
        paper = self.archive.papers.get(params["identifier"].removeprefix("oai:arXiv.org:"))
        event = paper.last(today) if paper and params["identifier"].startswith("oai:arXiv.org:") else None
        if paper is None or event is None:
            raise OaiError("idDoesNotExist", "Nothing found for this id")
        body = etree.Element(f"{_S}GetRecord")
        self._add_record(body, Announced(paper, event), params["metadataPrefix"], today)
        return body

    def _list(self, window: Window, now: datetime, fault: Fault) -> etree._Element:
        today = oai_day(now)
        found = self.archive.changed(window.first or self.archive.first_day(), window.last or today, today)
        found = [item for item in found if not window.set or is_member(item.event.state.categories, window.set)]
        size = self.page if window.verb == "ListRecords" else self.page * 5 // 2
        page = found[window.skip : window.skip + size]
        if not page:
            raise OaiError("noRecordsMatch", "No records match")
        body = etree.Element(f"{_S}{window.verb}")
        for item in fault.distort(fault.hide(page)):
            if window.verb == "ListRecords":
                self._add_record(body, item, window.prefix, today)
            else:
                self._add_header(body, item)
        if window.skip + size < len(found):
            self._add_token(body, _following(window, found, window.skip + size), now)
        return body

    def _add_record(self, body: etree._Element, item: Announced, prefix: str, today: date) -> None:
        record = add(body, f"{_S}record")
        self._add_header(record, item)
        add_metadata(record, f"{_S}metadata", prefix, item, today)

    def _add_header(self, parent: etree._Element, item: Announced) -> None:
        header = add(parent, f"{_S}header")
        add(header, f"{_S}identifier", f"oai:arXiv.org:{item.paper.id}")
        add(header, f"{_S}datestamp", item.event.day.isoformat())
        for name in sets_of(item.event.state.categories, self.old):
            add(header, f"{_S}setSpec", name)

    def _add_token(self, body: etree._Element, window: Window, now: datetime) -> None:
        token, ends = _token(window), next_utc_midnight(now)
        self.issued[token] = ends
        name = "expires" if self.old else "expirationDate"
        add(body, f"{_S}resumptionToken", token, **{name: zulu(ends)})

    def _resumed(self, token: str, verb: str, now: datetime) -> Window:
        """A token says all by itself, so one that was built by hand is good too; one of yesterday is not."""
        if now >= self.issued.get(token, next_utc_midnight(now)):
            raise OaiError("badResumptionToken", "Token has expired.")
        if "=" in token or "&" in token:
            raise OaiError("badResumptionToken", "Token was not percent-encoded when it was sent.")
        fields = dict(parse_qsl(dict(parse_qsl(f"token={token}")).get("token", "")))
        if fields.get("verb") != verb or not fields.get("skip", "").isdigit():
            raise OaiError("badResumptionToken", "Token decoding failed or format is invalid.")
        return replace(_window(fields, oai_day(now)), skip=int(fields["skip"]))


def _envelope(now: datetime) -> etree._Element:
    root = etree.Element(f"{_S}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI} {OAI}OAI-PMH.xsd")
    add(root, f"{_S}responseDate", zulu(now))
    return root


def _formats() -> etree._Element:
    body = etree.Element(f"{_S}ListMetadataFormats")
    for prefix in FORMATS:
        element = add(body, f"{_S}metadataFormat")
        add(element, f"{_S}metadataPrefix", prefix)
        add(element, f"{_S}schema", f"http://arxiv.org/OAI/{prefix}.xsd")
        add(element, f"{_S}metadataNamespace", namespace(prefix))
    return body


def _require_legal(pairs: Sequence[tuple[str, str]]) -> None:
    params = dict(pairs)
    if params.get("verb") not in _ARGUMENTS:
        raise OaiError("badVerb", "Invalid verb provided")
    if len(params) < len(pairs):
        raise OaiError("badArgument", "Repeated parameter")
    required, others = _ARGUMENTS[params["verb"]]
    given = params.keys() - {"verb"}
    if "resumptionToken" in given and "from" in (*others, "resumptionToken"):
        if len(given) > 1:
            raise OaiError("badArgument", "No other paramters allowed with resumptionToken")
        return
    for name in required:
        if name not in given:
            raise OaiError("badArgument", f"{name} required.")
    if given - {*required, *others}:
        raise OaiError("badArgument", "Unallowed parameter.")


def _require_format(prefix: str) -> None:
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", "Did not recognize requested format")


def _window(params: Mapping[str, str], today: date) -> Window:
    _require_format(params.get("metadataPrefix", ""))
    first, last = _day(params, "from"), _day(params, "until")
    rules: tuple[tuple[bool, str], ...] = (
        (first is not None and first < EARLIEST, "from date too early"),
        (last is not None and last > today + DAY, "until date too late"),
        (bool(first and last and first > last), "until date must be greater than or equal to from date"),
        ("set" in params and not is_set(params["set"]), "Set does not exist"),
    )
    for broken, reason in rules:
        if broken:
            raise OaiError("badArgument", reason)
    return Window(params["verb"], params["metadataPrefix"], first, last, params.get("set", ""))


def _day(params: Mapping[str, str], name: str) -> date | None:
    if name not in params:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", params[name], re.ASCII):
            return date.fromisoformat(params[name])
    except ValueError:
        pass
    raise OaiError("badArgument", f"{name} date format must be YYYY-MM-DD")


def _following(window: Window, found: Sequence[Announced], position: int) -> Window:
    """The window of the next page: it begins at the day it has come to, with what that day has had already."""
    day = found[position].event.day
    begin = next(number for number, item in enumerate(found) if item.event.day == day)
    return replace(window, first=day, skip=position - begin)


def _token(window: Window) -> str:
    fields = {
        "verb": window.verb,
        "metadataPrefix": window.prefix,
        "from": window.first.isoformat() if window.first else "",
        "until": window.last.isoformat() if window.last else "",
        "set": window.set,
        "skip": str(window.skip),
    }
    return quote(urlencode({name: text for name, text in fields.items() if text}, safe=":"), safe="")
