# SPDX-License-Identifier: MIT
"""What is wrong with a page of tools/report, for the tests: its tags do not match, or something of it would leave the machine.

    html_check.wrong(text)     a list of sentences; [] is a good page
"""
import html.parser
import re

from report_page import POLICY

EMPTY = {"meta"}  # tags without an end
LOADING = {"script", "link", "img", "iframe", "object", "embed", "audio", "video", "form", "base", "image", "use"}


class Checker(html.parser.HTMLParser):
    """Collects what is wrong."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids, self.policy = [], [], set(), False

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            value = value or ""
            if name in ("src", "href", "xlink:href", "action", "srcset", "data", "poster") and not value.startswith("#"):
                self.wrong.append(f"<{tag}> has {name}={value}")
            if name.startswith("on"):
                self.wrong.append(f"<{tag}> has {name}")
            if name == "id":
                self.wrong += [f"two elements have id={value}"] if value in self.ids else []
                self.ids.add(value)
        if tag in LOADING:
            self.wrong.append(f"<{tag}>")
        given = dict(attrs)
        if tag == "meta" and "http-equiv" in given:
            self.policy = given["http-equiv"] == "Content-Security-Policy" and given.get("content") == POLICY
            self.wrong += [] if self.policy else [f"<meta> {given}"]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> without its begin")


def wrong(text):
    """Sentences about what is wrong."""
    checker = Checker()
    checker.feed(text)
    checker.close()
    found = checker.wrong + [f"<{tag}> without its end" for tag in checker.open]
    if not checker.policy:
        found.append("it does not forbid requests")
    found += [f"{word} in a style" for style in re.findall(r"<style>(.*?)</style>", text, re.S) for word in ("url(", "@import") if word in style]
    return found
