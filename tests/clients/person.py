"""A person with a browser that knows no script: signs in, chooses a client, agrees, and stops where the app is met again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin

import pyotp
import requests
from lxml import html
from lxml.html import HtmlElement

_STEPS = 20


@dataclass(frozen=True)
class Account:
    """What a person knows and has. A code of the authenticator app is good once, so each browser of a test is its own account."""

    name: str
    password: str
    totp_secret: str

    def code(self) -> str:
        return pyotp.TOTP(self.totp_secret).now()


class Person:
    """At one browser: its cookies stay from one address to the next. `client`: words on the button of the client who is chosen."""

    def __init__(self, base: str, account: Account, client: str, untick: Collection[str] = ()) -> None:
        self.base, self.account, self.client, self.untick = base, account, client, untick
        self.session = requests.Session()
        self.met: list[str] = []
        self.answer = "allow"

    def visit(self, url: str) -> str:
        """Open the address and do what the pages ask, up to the first address that is not the gateway's: that is returned, not opened."""
        answer = self.session.get(url, allow_redirects=False, timeout=30)
        for _ in range(_STEPS):
            if answer.is_redirect:
                location = urljoin(answer.url, answer.headers["Location"])
                if not location.startswith(self.base):
                    return location
                answer = self.session.get(location, allow_redirects=False, timeout=30)
            else:
                answer = self._send(answer)
        raise AssertionError(f"going round in circles: {self.met}")

    def code(self) -> str:
        return self.account.code()

    def is_signed_in(self) -> bool:
        return self.session.get(f"{self.base}/account", allow_redirects=False, timeout=30).status_code == 200

    def _send(self, answer: requests.Response) -> requests.Response:
        page = html.fromstring(answer.text, base_url=answer.url)
        name, button, more = self._next(page)
        self.met.append(name)
        form = next(button.iterancestors("form"))
        fields = [(key, value) for key, value in form.form_values() if key not in more and not (key == "scope" and value in self.untick)]
        pressed = [(button.get("name"), button.get("value", ""))] if button.get("name") else []
        return self.session.post(urljoin(answer.url, form.get("action")), data=[*fields, *more.items(), *pressed], allow_redirects=False, timeout=30)

    def _next(self, page: HtmlElement) -> tuple[str, HtmlElement, dict[str, str]]:
        """Which page this is, by what it has to fill in; the button that is pressed, and what is typed."""
        if page.xpath("//input[@name='password']"):
            return "sign-in", page.xpath("//form[.//input[@name='password']]//button")[0], {"name": self.account.name, "password": self.account.password}
        if page.xpath("//input[@name='code']"):
            return "second-step", page.xpath("//form[.//input[@name='code']]//button")[0], {"code": self.account.code()}
        if picks := page.xpath("//button[@name='patient']"):
            return "client", next(one for one in picks if self.client in one.text_content()), {}
        if picks := page.xpath("//button[@name='encounter' and @value='']"):
            return "visit", picks[0], {}
        if picks := page.xpath(f"//button[@name='answer' and @value='{self.answer}']"):
            return "consent", picks[0], {}
        raise AssertionError(f"nothing to do on this page: {page.text_content()}")
