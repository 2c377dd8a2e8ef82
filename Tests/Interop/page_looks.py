# SPDX-License-Identifier: Apache-2.0
"""How the page looks: in a narrow window, in the light and in the dark. People look at the pictures."""
import os

from page_flow import DIALOG, VOLUME


class PageLooks:
    def __init__(self, daemon, browser, checks, directory):
        self.daemon, self.browser, self.checks, self.directory = daemon, browser, checks, directory

    def take(self):
        browser = self.browser
        browser.click((VOLUME + "?.querySelector('.toggle')") % "disk.img")
        volume = browser.evaluate((VOLUME + ".dataset.id") % "disk.img")
        body = {"backup": {"volume_id": volume, "name": "in the picture"}}
        running = self.daemon.request("POST", "/backups", body)["backup"]["id"]
        browser.until("something runs", "document.querySelector('.job:not(.complete) progress')?.value > 10")
        self.look("list")
        browser.click((VOLUME + "?.querySelector('.back-up')") % "small.img")
        browser.until("a question", f"!!{DIALOG}")
        self.look("question")
        browser.press("Escape")
        self.daemon.delete(running)
        browser.until("it is gone", f"!document.querySelector('[data-id=\"{running}\"]')")

    def look(self, name):
        for scheme, dark in (("light", False), ("dark", True)):
            self.browser.look(dark=dark)
            self.picture(f"{name}-{scheme}")
            self.browser.look(360, 740, dark=dark)
            self.picture(f"{name}-{scheme}-narrow")
            wide = self.browser.evaluate("""[document.documentElement, ...document.querySelectorAll("*")]
                .filter(e => e.checkVisibility() && !e.closest(".hidden") && (e === document.documentElement
                    ? e.scrollWidth > innerWidth : e.getBoundingClientRect().right > innerWidth + 0.5))
                .map(e => e.tagName + "." + e.className)""")
            self.checks.equal(f"nothing of the {name} is wider than 360 pixels, {scheme}", [], wide)
        self.browser.look()

    def picture(self, name):
        frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        self.browser.evaluate(frames)
        if self.directory:
            self.browser.screenshot(os.path.join(self.directory, f"{name}.png"))
