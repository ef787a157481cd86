"""Attacks by launches, and on the pages themselves: whose launch it is, what another site may do with a page, what an app says of itself (RFC 9700 section 4.16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.smart import launch
from gateway.smart.client import client_of
from gateway.smart.launch import Launch
from gateway.store import oauth
from gateway.web import authorize as web_authorize
from gateway.web import choosing, consenting, launching, page
from gateway.web import sign_in as web_sign_in
from tests.attack.attack import Answer, Attack, answer_of, fault, refused, replaced
from tests.attack.consent import AGAIN, ANY_CLIENT, DENIED, FOREIGN_FORM, NO_CSRF, consent_page, decided, hidden, mara
from tests.attack.stage import BASE_URL, Stage
from tests.store.engines import SITE
from tests.world import PRACTICE

Run = Callable[[Stage], Answer]


def _launch(stage: Stage, *, account: str = "mara", app: str = "") -> str:
    """A launch for Ada, as /launch makes it."""
    clinic, client_id = stage.people.clinic, app or stage.people.app
    with stage.store.read() as connection:
        row = oauth.client(connection, client_id)
    assert row is not None
    made = Launch(getattr(clinic, account).account.id, client_id, row.practice, SITE.id("client", clinic.ada), None, {})
    return launch.launch_address(stage.store, stage.clock, client_of(row, stage.now), made, f"{BASE_URL}/fhir").partition("launch=")[2]


def _launches(value: Callable[[Stage], str]) -> Run:
    return lambda stage: answer_of(mara(stage).ask(scope="launch patient/*.rs", launch=value(stage)))


def _launched_before(stage: Stage) -> str:
    value, walk = _launch(stage), mara(stage)
    assert decided(walk, hidden(walk.ask(scope="launch patient/*.rs", launch=value)) | {"scope": ["launch", "patient/*.rs"]}).is_granted
    return value


def _launched_long_ago(stage: Stage) -> str:
    value = _launch(stage)
    stage.clock.forward(minutes=6)
    return value


def _other_client_of_a_launch(stage: Stage) -> Answer:
    """The launch is for Ada; the form says Bea."""
    walk = mara(stage)
    form = hidden(walk.ask(scope="launch patient/*.rs", launch=_launch(stage)))
    return answer_of(walk.browser.post("/oauth/authorize/patient", form | {"patient": SITE.id("client", stage.people.clinic.bea)}))


def _opens(who: str = "mara", client: str = "ada", **changes: str) -> Run:
    """The form of /launch, with this in it."""

    def run(stage: Stage) -> Answer:
        clinic = stage.people.clinic
        walk = stage.people.browser(getattr(clinic, who))
        csrf = {"csrf": walk.browser.csrf()}
        sent = csrf | {"patient": SITE.id("client", getattr(clinic, client)), "app": stage.people.app} | changes
        return answer_of(walk.browser.post("/launch", sent))

    return run


def _framed(path: str) -> Run:
    """Another site shows our page in a frame of its own."""

    def run(stage: Stage) -> Answer:
        walk = mara(stage)
        shown = consent_page(walk) if path == "consent" else walk.browser.get(path)
        kept_out = "frame-ancestors 'none'" in shown.headers.get("Content-Security-Policy", "") and shown.headers.get("X-Frame-Options") == "DENY"
        return Answer(shown.status_code, "not framed") if kept_out else Answer(200)

    return run


def _told_on(stage: Stage) -> Answer:
    """A link on the page takes its address, ticket and all, to another site."""
    shown = consent_page(mara(stage))
    return Answer(200, "not told") if shown.headers.get("Referrer-Policy") == "no-referrer" else Answer(200)


def _kept(stage: Stage) -> Answer:
    """The next person at this browser goes back to the page."""
    shown = consent_page(mara(stage))
    return Answer(200, "not kept") if "no-store" in shown.headers.get("Cache-Control", "") else Answer(200)


def _markup(stage: Stage) -> Answer:
    client = stage.people.new_app(name="<img src=x onerror=alert(1)>")
    shown = consent_page(mara(stage), client_id=client)
    return Answer(200) if "<img src=x" in shown.text else Answer(200, "no markup")


def _script_link(stage: Stage) -> Answer:
    client = stage.people.new_app(about={"client_uri": "https://app.example.org/"})
    with stage.store.write() as connection:
        row = oauth.client(connection, client)
        assert row is not None
        oauth.add_client(connection, row._replace(client_id=client[:-1] + "z", about='{"client_uri":"javascript:alert(1)"}'))
    shown = consent_page(mara(stage), client_id=client[:-1] + "z")
    return Answer(200) if "javascript:" in shown.text else Answer(200, "no script")


def _bare(*args: Any, **values: Any) -> Any:
    """A page without its headers."""
    response = _RENDER(*args, **values)
    for name in ("Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Cache-Control"):
        response.headers.pop(name, None)
    return response


_RENDER = page.render_page
ANY_LAUNCH = fault("whose launch it is is not looked at", replaced(launch, "_of", lambda payload, *_: Launch(**payload)))
LAUNCH_AGAIN = ANY_LAUNCH & AGAIN
GUESSED_LAUNCH = fault(
    "every launch is for Ada",
    replaced(launch, "_of", lambda *_: Launch("", "", PRACTICE, "x", None, {})),
    replaced(choosing, "client", lambda _, one: choosing.Choice(one, "A client", "")),
)
LAUNCH_MOVES = fault("a launch's client may be changed", replaced(web_authorize, "_chosen", lambda found, patient: web_authorize._go_on(found)))  # noqa: SLF001
ANY_ROLE = fault("everybody may open apps", replaced(launching, "MAY_LAUNCH", frozenset({"client", "auditor", "therapist"})))
NO_HEADERS = fault("pages come without their headers", *(replaced(room, "render_page", _bare) for room in (consenting, web_sign_in, launching)))
NO_ESCAPES = fault("what an app says of itself is markup", replaced(page, "_templates", page._templates.overlay(autoescape=False)))  # noqa: SLF001
ANY_LINK = fault("every link of an app's is shown", replaced(consenting, "_links", lambda about: [("its website", about["client_uri"])]))
_LAUNCH = "SMART 2.2 EHR launch"

ATTACKS = [
    *refused(
        Answer(303, "invalid_request"),
        ("A launch is used twice", _LAUNCH, _launches(_launched_before), LAUNCH_AGAIN),
        ("A launch is used after its time", _LAUNCH, _launches(_launched_long_ago), LAUNCH_AGAIN),
        ("A launch that another person made", _LAUNCH, _launches(lambda stage: _launch(stage, account="nils")), ANY_LAUNCH),
        ("A launch that was made for another app", _LAUNCH, _launches(lambda stage: _launch(stage, app=stage.people.other_app)), ANY_LAUNCH),
        ("A launch that was guessed", _LAUNCH, _launches(lambda _: "l" * 43), GUESSED_LAUNCH),
    ),
    *refused(
        FOREIGN_FORM,
        ("Another site's page opens an app for a client", "RFC 9700 4.7; ASVS 5.0 3.5.1", _opens(csrf=""), NO_CSRF),
        ("A client of the practice opens an app as staff do", "ASVS 5.0 8.2.1", _opens("own"), ANY_ROLE),
    ),
    *refused(
        DENIED,
        ("A launch's client is exchanged by the form", _LAUNCH, _other_client_of_a_launch, LAUNCH_MOVES),
    ),
    Attack("An app is opened for a client of another therapist's", "ASVS 5.0 8.2.2", _opens(client="cid"), Answer(404, "page"), ANY_CLIENT),
    *refused(
        Answer(200, "not framed"),
        ("The consent page is framed, and clicked unseen", "RFC 9700 4.16; RFC 6819 4.4.1.9", _framed("consent"), NO_HEADERS),
        ("The sign-in page is framed, and typed into unseen", "RFC 9700 4.16", _framed("/sign-in"), NO_HEADERS),
        ("The launch page is framed, and clicked unseen", "RFC 9700 4.16", _framed("/launch"), NO_HEADERS),
    ),
    Attack("The address of the consent page is told to another site", "RFC 9700 4.2", _told_on, Answer(200, "not told"), NO_HEADERS),
    Attack("The consent page is kept by the browser for the next one", "ASVS 5.0 14.3.2", _kept, Answer(200, "not kept"), NO_HEADERS),
    Attack("An app's name is markup that runs on the consent page", "CWE-79; RFC 7591 5", _markup, Answer(200, "no markup"), NO_ESCAPES),
    Attack("An app's website is a script", "CWE-79; RFC 7591 5", _script_link, Answer(200, "no script"), ANY_LINK),
]
