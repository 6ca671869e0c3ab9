"""A vote from the mail: GET and HEAD show what would be voted for, POST votes; a second POST changes the vote."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from subscribers import votes
from subscribers.models import Subscriber
from subscribers.view_guards import for_holder, from_this_site


@for_holder
@from_this_site
def vote(request: HttpRequest, subscriber: Subscriber, poll: str, choice: str) -> HttpResponse:
    if not subscriber.is_active:
        return render(request, "subscribers/vote_not_subscribed.html", status=403)
    try:
        return _ask_or_take(request, subscriber, poll, choice)
    except votes.NoPoll:
        return render(request, "subscribers/vote_no_poll.html", status=404)
    except votes.ForSupporters:
        return render(request, "subscribers/vote_for_supporters.html", status=403)


def _ask_or_take(request: HttpRequest, subscriber: Subscriber, poll: str, choice: str) -> HttpResponse:
    now, today = timezone.now(), timezone.localdate()
    ballot = votes.load_ballot(subscriber, poll, choice, today)
    if request.method == "POST" and ballot.chosen is not None:
        votes.cast_vote(subscriber, ballot.poll, ballot.chosen, now)
        ballot = votes.load_ballot(subscriber, poll, choice, today)
    template, status = _page(ballot, is_vote=request.method == "POST")
    return render(request, template, {"ballot": ballot, "subscriber": subscriber}, status=status)


def _page(ballot: votes.PollBallot, *, is_vote: bool) -> tuple[str, int]:
    """The template, and the status of its answer."""
    if not ballot.poll.is_open:
        return "subscribers/vote_closed.html", 409 if is_vote else 200
    if ballot.chosen is None:
        return "subscribers/vote_no_choice.html", 404
    return ("subscribers/voted.html" if ballot.is_counted else "subscribers/vote.html"), 200
