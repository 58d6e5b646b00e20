# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""Loads pages in headless Chromium, at a phone's and a desk's width, light and dark, and fails on any console
message, any request beside the page itself, anything wider than the screen and any drawing without a name.
usage: report_browser.py CHROMIUM PAGE.html… [--shots FOLDER]"""
import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

ANSWER_S = 60
PROFILES = [("phone", 390, 844, "light"), ("phone", 390, 844, "dark"), ("desk", 1280, 900, "light"),
            ("desk", 1280, 900, "dark")]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
         "--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9", "--remote-debugging-pipe"]


class Browser:
    """DevTools protocol over the pipe pair that Chromium reads on 3 and writes on 4."""

    def __init__(self, program, profile):
        down_read, self.down = os.pipe()
        self.up, up_write = os.pipe()

        def wire():
            os.dup2(down_read, 3)
            os.dup2(up_write, 4)

        # Out of the way of 3 and 4 before they are put there.
        down_read, up_write = (os.dup2(fd, fd + 100) for fd in (down_read, up_write))
        self.process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
                                        preexec_fn=wire, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(down_read)
        os.close(up_write)
        self.buffer, self.number, self.events = b"", 0, []

    def message(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.up], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.up, 1 << 20)
            if not more:
                raise EOFError("the browser went away")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, session=None, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        os.write(self.down, json.dumps(request).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_S
        while True:
            got = self.message(deadline)
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def wait_event(self, method):
        deadline = time.monotonic() + ANSWER_S
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message(deadline))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def check(browser, session, page, profile, shots):
    name, width, height, scheme = profile
    faults = []
    browser.events.clear()
    browser.ask("Emulation.setDeviceMetricsOverride", session, width=width, height=height, deviceScaleFactor=1,
                mobile=name == "phone")
    browser.ask("Emulation.setEmulatedMedia", session, features=[{"name": "prefers-color-scheme", "value": scheme}])
    url = pathlib.Path(page).resolve().as_uri()
    browser.ask("Page.navigate", session, url=url)
    browser.wait_event("Page.loadEventFired")

    def value(expression):
        return browser.ask("Runtime.evaluate", session, expression=expression, returnByValue=True)["result"]["value"]

    wide = value("document.documentElement.scrollWidth")
    if wide > width:
        faults.append(f"the page is {wide} px wide")
    ground = value("getComputedStyle(document.body).backgroundColor")
    if scheme == "dark" and ground in ("rgb(244, 245, 247)", "rgba(0, 0, 0, 0)"):
        faults.append("the dark colours do not apply")
    if ground == "rgba(0, 0, 0, 0)":
        faults.append("the style sheet does not apply")
    small = value("Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height),"
                  " 99)")
    if small < 9:
        faults.append(f"text of {small} px in a drawing")
    nodes = browser.ask("Accessibility.getFullAXTree", session)["nodes"]
    images = [n for n in nodes if n.get("role", {}).get("value") in ("image", "img")]
    drawings = value("document.querySelectorAll('[role=img]').length")
    if len(images) != drawings or any(not i.get("name", {}).get("value") for i in images):
        faults.append(f"{drawings} drawings, of which the accessibility tree has {len(images)}, or one has no name")
    if shots:
        tall = value("document.documentElement.scrollHeight")
        shot = browser.ask("Page.captureScreenshot", session, captureBeyondViewport=True,
                           clip={"x": 0, "y": 0, "width": width, "height": tall, "scale": 1})
        stem = pathlib.Path(page).stem
        pathlib.Path(shots, f"{stem}-{name}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            faults.append(f"console: {json.dumps(params)[:300]}")
        if method == "Network.requestWillBeSent" and params["request"]["url"] != url:
            faults.append(f"a request: {params['request']['url'][:200]}")
    return [f"{page} ({name}, {scheme}): {fault}" for fault in faults]


def main():
    arguments = sys.argv[1:]
    shots = None
    if "--shots" in arguments:
        at = arguments.index("--shots")
        shots = arguments[at + 1]
        del arguments[at:at + 2]
    program, *pages = arguments
    faults = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
            session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Log", "Runtime", "Network", "Accessibility"):
                browser.ask(f"{domain}.enable", session)
            for page in pages:
                for one in PROFILES:
                    faults += check(browser, session, page, one, shots)
        finally:
            browser.close()
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main()
