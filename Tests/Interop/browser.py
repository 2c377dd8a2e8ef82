# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven over its DevTools protocol. Needs nothing but Python's standard library."""
import base64
import json
import os
import select
import shutil
import subprocess
import time

from daemon import Failure

# Chromium's names for what is no character: key, code, and the number that Windows gave it.
KEYS = {
    "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, None), "Tab": ("Tab", 9, None), "Space": (" ", 32, " "),
    "ArrowDown": ("ArrowDown", 40, None), "ArrowUp": ("ArrowUp", 38, None),
}


class Browser:
    """One tab. `complaints` is what its console would show: errors, warnings, violations of the policy."""

    def __init__(self, directory, deadline=60):
        self.deadline, self.complaints, self.requests = deadline, [], []
        self.number, self.unread = 0, b""
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        program = shutil.which("chromium")
        if not program:
            raise Failure("there is no chromium: scripts/install-packages page")
        arguments = [
            program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={directory}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--force-device-scale-factor=1", "--hide-scrollbars=false", "about:blank"]
        if os.geteuid() == 0:  # Chromium's sandbox does not work for root.
            arguments.insert(1, "--no-sandbox")
        self.log = open(directory + ".log", "wb")
        # Chromium reads commands from descriptor 3 and answers on 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "bash", *arguments],
            pass_fds=(commands, answers), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        os.close(commands)
        os.close(answers)
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(domain + ".enable")

    # The protocol

    def call(self, method, **parameters):
        number = self.number = self.number + 1
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        limit = time.monotonic() + self.deadline
        while True:
            answer = self.read(limit, method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def read(self, limit, what):
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.answers], [], [], max(0, limit - time.monotonic()))
            data = os.read(self.answers, 1 << 20) if ready else b""
            if not data:
                raise Failure(f"no answer from Chromium: {what}")
            self.unread += data
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def note(self, event):
        method, body = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = body["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and body["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in body["args"]))
        elif method == "Log.entryAdded" and body["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{body['entry']['text']} {body['entry'].get('url', '')}")
        elif method == "Audits.issueAdded":
            self.complaints.append(json.dumps(body["issue"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append((body["request"]["method"], body["request"]["url"]))

    # The page

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("the page is loaded", "document.readyState === 'complete'")

    def look(self, width=1280, height=900, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, what, expression, seconds=None):
        limit = time.monotonic() + (seconds or self.deadline)
        while time.monotonic() < limit:
            value = self.evaluate(expression)
            if value:
                return value
            time.sleep(0.03)
        raise Failure(f"waited too long: {what}; the page says: {self.evaluate('document.body.innerText')}")

    def click(self, expression):
        """A real click in the middle of the element that the expression is, with the pointer moved there before."""
        place = None
        while place != (place := self.resting_place(expression)):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def resting_place(self, expression):
        """The middle of the element, when it is of use, on top there, and at rest for two frames."""
        return self.until(f"{expression} can be clicked", f"""(async () => {{
            const element = {expression};
            if (!element || element.disabled) return null;
            element.scrollIntoView({{block: "center"}});
            const before = element.getBoundingClientRect();
            await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            const box = element.getBoundingClientRect();
            if (before.x !== box.x || before.y !== box.y || element.disabled) return null;
            const x = box.x + box.width / 2, y = box.y + box.height / 2;
            const top = document.elementFromPoint(x, y);
            return top && (element.contains(top) || top.contains(element)) ? {{x, y}} : null;
        }})()""")

    def press(self, name, shift=False):
        key, number, text = KEYS[name]
        common = {"key": key, "code": name, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.call("Input.dispatchKeyEvent", **down, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def tab_to(self, what, condition, always="true", most=200):
        """Presses Tab until the condition on `e`, the element with the focus, holds. Whether `always` held on the way."""
        held = True
        for _ in range(most):
            self.press("Tab")
            held = held and self.evaluate(f"(e => Boolean({always}))(document.activeElement)")
            if self.evaluate(f"(e => Boolean({condition}))(document.activeElement)"):
                return held
        raise Failure(f"Tab does not lead to {what}")

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(15)
        except (Failure, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.log.close()
        os.close(self.commands)
        os.close(self.answers)
