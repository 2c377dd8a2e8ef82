# SPDX-License-Identifier: Apache-2.0
"""What an operator does with the page, and what comes of it."""
import fcntl
import os
import random
import subprocess

from checks import MIB

VOLUME = "[...document.querySelectorAll('.volume')].find(v => v.querySelector('.name').textContent === '%s')"
BACKUP = "[...document.querySelectorAll('.backup')].find(b => b.querySelector('.name').textContent === '%s')"
DIALOG = "document.querySelector('dialog[open]')"

# Notes every value that a bar has had, by backup.
WATCH_BARS = """
window.bars = {};
(function look() {
  for (const bar of document.querySelectorAll("#job-list progress[value]")) {
    const values = (window.bars[bar.parentElement.dataset.id] ??= []);
    if (values.at(-1) !== bar.value) values.push(bar.value);
  }
  requestAnimationFrame(look);
})();
"""


class PageFlow:
    def __init__(self, daemon, browser, checks):
        self.daemon, self.browser, self.checks = daemon, browser, checks
        self.random = random.Random(1)
        self.image = os.path.join(daemon.images, "disk.img")
        with open(self.image, "wb") as f:
            f.write(self.random.randbytes(32 * MIB).hex().encode())
            f.seek(100 * MIB)
            f.write(self.random.randbytes(16 * MIB))
            f.truncate(160 * MIB)
        self.small = os.path.join(daemon.images, "small.img")
        with open(self.small, "wb") as f:
            f.write(self.random.randbytes(2 * MIB))
        for image in (self.image, self.small):
            daemon.manage(image)
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH_BARS)
        browser.look()

    # Steps

    def ask_for_the_token(self):
        browser, checks = self.browser, self.checks
        browser.open(self.daemon.url)
        browser.until("the page asks for the token", "document.activeElement.id === 'token'")
        browser.type("not the token")
        browser.press("Enter")
        browser.until("it says that this is not it", "document.querySelector('#token-error').textContent !== ''")
        checks.equal("a wrong token is not kept", None, browser.evaluate("sessionStorage.getItem('token')"))
        browser.type(self.daemon.token)
        browser.press("Enter")
        self.until_live()
        checks.equal("the token is in this tab's storage", self.daemon.token,
                     browser.evaluate("sessionStorage.getItem('token')"))
        checks.equal("and in no other", 0, browser.evaluate("localStorage.length"))
        checks.equal("there are no cookies", [], browser.call("Network.getCookies")["cookies"])
        browser.open(self.daemon.url)
        self.until_live()
        checks.check("it is asked for once", browser.evaluate("document.querySelector('#locked').hidden"))

    def back_up_with_the_mouse(self):
        browser, checks = self.browser, self.checks
        browser.click((VOLUME + "?.querySelector('.back-up')") % "disk.img")
        browser.until("the question", f"!!{DIALOG}")
        browser.type("monday")
        browser.click(f"{DIALOG}.querySelector('.yes')")
        monday = self.until_said("The backup monday is complete", "monday")
        checks.check("it is a full backup", not monday["is_incremental"])
        self.check_bar(monday)

    def increment_with_the_keyboard(self):
        browser, checks = self.browser, self.checks
        with open(self.image, "r+b") as f:
            f.seek(5 * MIB)
            f.write(self.random.randbytes(8 * MIB).hex().encode())
        browser.evaluate("document.activeElement.blur()")
        button = "e.matches('.back-up') && e.closest('.volume').querySelector('.name').textContent === 'disk.img'"
        self.tab_to("the button", button)
        browser.press("Enter")
        browser.until("the question", f"{DIALOG}?.contains(document.activeElement)")
        browser.press("Escape")
        browser.until("Escape closes it", f"!{DIALOG}")
        checks.check("the focus is where it was", browser.evaluate(f"(e => {button})(document.activeElement)"))
        browser.press("Space")
        browser.until("the question", f"!!{DIALOG}")
        browser.type("tuesday")
        self.tab_to("the kind", "e.name === 'kind'")
        browser.press("ArrowDown")
        browser.press("ArrowUp")
        checks.equal("the keyboard chooses the kind", "incremental", browser.evaluate("document.activeElement.value"))
        self.tab_to("the answer", "e.matches('.yes')")
        browser.press("Enter")
        tuesday = self.until_said("The backup tuesday is complete", "tuesday")
        self.check_focus("a backup")
        checks.check("it is an increment", tuesday["is_incremental"])
        checks.equal("Escape made none", ["monday", "tuesday"], sorted(self.names()))

    def filter_and_sort(self):
        browser, checks = self.browser, self.checks
        names = "[...document.querySelectorAll('.volume .name')].map(e => e.textContent)"
        checks.equal("the volume without a backup is the first", ["small.img", "disk.img"], browser.evaluate(names))
        browser.click("document.querySelector('#filter')")
        browser.type("tues")
        browser.until("the filter finds the name of a backup", f"({names}).join() === 'disk.img'")
        browser.press("Escape")
        browser.until("Escape takes the filter away", f"({names}).length === 2")

    def show_names_as_they_are(self):
        """A name that is markup, given by somebody else while the page is open, is text."""
        name = '<img src=x onerror="document.title=1"><b>&amp;'
        self.expand("small.img")
        volume = self.volume("small.img")["id"]
        request = {"volume_id": volume, "name": name}
        identifier = self.daemon.request("POST", "/backups", {"backup": request})["backup"]["id"]
        self.browser.until("what others do is shown", f"!!document.querySelector('.backup[data-id=\"{identifier}\"]')")
        shown = self.browser.evaluate(f"document.querySelector('.backup[data-id=\"{identifier}\"] .name').textContent")
        self.checks.equal("markup in a name is text", name, shown)
        self.daemon.finished_backup(identifier)
        self.daemon.delete(identifier)
        self.browser.until("it goes by itself", f"!document.querySelector('.backup[data-id=\"{identifier}\"]')")

    def restore_to_new(self):
        browser, checks = self.browser, self.checks
        self.expand("disk.img")
        browser.click((BACKUP + "?.querySelector('.restore')") % "tuesday")
        browser.until("the question", f"!!{DIALOG}")
        browser.type("again")
        browser.press("Enter")
        browser.until("the restore is told", self.said("again is restored"))
        browser.until("the new volume is listed", f"!!{VOLUME}" % "again")
        checks.same("the new volume is the old one", self.image, self.volume("again")["source"])

    def back_up_what_is_in_use(self):
        browser, checks = self.browser, self.checks
        with open(self.small, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            browser.click((VOLUME + "?.querySelector('.back-up')") % "small.img")
            browser.until("the question says it", f"{DIALOG}?.textContent.includes('in use now')")
            checks.check("force is proposed", browser.evaluate(f"{DIALOG}.querySelector('[name=force]').checked"))
            browser.type("forced")
            browser.press("Enter")
            self.until_said("The backup forced is complete", "forced")

    def cancel(self):
        browser, checks = self.browser, self.checks
        browser.click((VOLUME + "?.querySelector('.back-up')") % "disk.img")
        browser.until("the question", f"!!{DIALOG}")
        browser.type("doomed")
        browser.click(f"{DIALOG}.querySelector('[value=full]')")
        browser.click(f"{DIALOG}.querySelector('.yes')")
        job = "[...document.querySelectorAll('.job')].find(j => j.querySelector('.which').textContent === 'doomed')"
        browser.until("it is at work", f"({job})?.querySelector('progress').value > 5")
        doomed = self.backup("doomed")
        browser.click(f"({job})?.querySelector('.cancel')")
        browser.click(f"{DIALOG}?.querySelector('.yes')")
        browser.until("it is told", self.said("Cancelled: doomed"))
        self.daemon.until_gone(f"/backups/{doomed['id']}")
        checks.equal("nothing is left of it", [], self.daemon.stored_files(doomed["container"]))

    def delete(self):
        browser, checks = self.browser, self.checks
        self.expand("disk.img")
        tuesday, monday = self.backup("tuesday"), self.backup("monday")
        remove = BACKUP + "?.querySelector('.remove')"
        checks.check("what increments stand on cannot be deleted", browser.evaluate((remove + ".disabled") % "monday"))
        browser.evaluate("document.activeElement.blur()")
        self.tab_to("the button", f"e === {remove}" % "tuesday")
        browser.press("Enter")
        browser.until("the question", f"!!{DIALOG}")
        browser.press("Enter")
        browser.until("Enter is no at first", f"!{DIALOG}")
        checks.check("nothing is deleted", "tuesday" in self.names())
        browser.press("Enter")
        browser.until("the question", f"!!{DIALOG}")
        self.tab_to("the answer", "e.matches('.yes')")
        browser.press("Enter")
        browser.until("it is told", self.said("Deleted: tuesday"))
        browser.until("it is gone", f"!{BACKUP}" % "tuesday")
        self.check_focus("a deletion")
        browser.click(remove % "monday")
        browser.click(f"{DIALOG}?.querySelector('.yes')")
        browser.until("it is told", self.said("Deleted: monday"))
        for backup in (tuesday, monday):
            self.daemon.until_gone(f"/backups/{backup['id']}")
            checks.equal(f"nothing is left of {backup['name']}", [], self.daemon.stored_files(backup["container"]))

    def tell_what_failed(self):
        browser, checks = self.browser, self.checks
        container = os.path.join(self.daemon.repository, self.backup("forced")["container"])
        name = next(name for name in os.listdir(container) if name.endswith("-00001"))
        with open(os.path.join(container, name), "r+b") as f:
            f.seek(1000)
            f.write(b"damage")
        self.expand("small.img")
        browser.click((BACKUP + "?.querySelector('.restore')") % "forced")
        browser.until("the question", f"!!{DIALOG}")
        browser.type("broken")
        browser.press("Enter")
        browser.until("it is told", self.said("The restore to broken did not complete"))
        reason = self.volume("broken")["fail_reason"]
        problem = "document.querySelector('#problem-list .reason')"
        checks.equal("the reason is shown", reason, browser.until("a problem", f"{problem}?.textContent"))
        browser.click("document.querySelector('#problem-list .act')")
        browser.click(f"{DIALOG}?.querySelector('.yes')")
        browser.until("nothing has failed any more", "document.querySelector('#problems').hidden")
        checks.equal("the volume is available", "available", self.volume("broken")["status"])

    def explain_a_refusal(self):
        browser, checks = self.browser, self.checks
        with open(self.small, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            browser.click((VOLUME + "?.querySelector('.back-up')") % "small.img")
            browser.click(f"{DIALOG}?.querySelector('[name=force]')")
            browser.press("Enter")
            says = browser.until("the question says why", f"{DIALOG}?.querySelector('.error').textContent")
            checks.check("a refusal is explained", "in use" in says and "Tick the box" in says, says)
            browser.press("Escape")

    def refuse_what_is_put_in(self):
        """Whatever gets into the document, the policy keeps it from running; and this run hears of it."""
        self.browser.evaluate("""
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.setAttribute("style", "display: none");""")
        self.checks.check("a script that is put in does not run", self.browser.evaluate("window.ran !== true"))
        self.checks.check("a style that is put in does nothing", self.browser.evaluate("document.body.checkVisibility()"))
        heard = [one for one in self.browser.complaints if "Content Security Policy" in one]
        self.checks.check("the browser complains of both", len(heard) >= 2, self.browser.complaints)

    def need_no_token_on_a_unix_socket(self, proxy):
        self.browser.open(proxy.url)
        self.until_live()
        self.checks.equal("no token is kept", None, self.browser.evaluate("sessionStorage.getItem('token')"))
        proxy.close()

    def come_back_with_the_daemon(self):
        daemon, browser = self.daemon, self.browser
        browser.open(daemon.url)
        self.until_live()
        self.checks.equal("the daemon ends with status 0 on SIGTERM", 0, daemon.stop())
        browser.until("the page says that it is alone", "document.querySelector('#link').className === 'lost'")
        config = os.path.join(daemon.directory, "cinderblock.yaml")
        with open(config, encoding="utf-8") as f:
            text = f.read().replace("127.0.0.1:0", f"127.0.0.1:{daemon.port}")
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        daemon.process = subprocess.Popen(daemon.process.args, stdout=daemon.log, stderr=daemon.log)
        self.until_live()
        self.checks.check("the page comes back by itself", True)

    # What they have in common

    def until_live(self):
        self.browser.until("the page is live", "document.querySelector('#link')?.className === 'live' && "
                                               "document.querySelectorAll('.volume').length > 0")

    def tab_to(self, what, condition):
        """Every stop on the way has to be seen."""
        seen = "getComputedStyle(e).outlineStyle !== 'none' || e === document.body || e.tagName === 'HTML'"
        if not self.browser.tab_to(what, condition, seen):
            self.checks.check(f"the focus is seen on the way to {what}", False)

    def check_focus(self, what):
        where = self.browser.evaluate("document.activeElement.closest('section')?.id")
        self.checks.equal(f"the focus is still among the volumes after {what}", "volumes", where)

    def said(self, text):
        return f"document.querySelector('#messages').textContent.includes('{text}')"

    def until_said(self, text, name):
        """The backup with the name, when the page has said so."""
        self.browser.until(f"the page says: {text}", self.said(text))
        backup = self.backup(name)
        self.checks.equal(f"the backup {name} is available", "available", backup["status"])
        return backup

    def check_bar(self, backup):
        values = self.browser.until("a full bar", f"window.bars['{backup['id']}']?.at(-1) === 100 && "
                                                  f"window.bars['{backup['id']}']")
        self.checks.check("the bar never falls", values == sorted(values), values)
        self.checks.check("the bar moves", len([value for value in values if 0 < value < 100]) >= 3, values)

    def expand(self, name):
        toggle = (VOLUME + "?.querySelector('.toggle')") % name
        if self.browser.evaluate(f"{toggle}.getAttribute('aria-expanded')") == "false":
            self.browser.click(toggle)

    def backup(self, name):
        return self.daemon.request("GET", f"/backups/detail?name={name}")["backups"][0]

    def volume(self, name):
        return self.daemon.request("GET", f"/volumes/detail?name={name}")["volumes"][0]

    def names(self):
        return [backup["name"] for backup in self.daemon.request("GET", "/backups")["backups"]]
