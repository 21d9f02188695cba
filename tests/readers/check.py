"""Reads the feeds of a served base folder with newsboat, feedparser and xmllint."""

import http.client
import http.server
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import feedparser

PROGRAM, EXAMPLE = (os.path.abspath(argument) for argument in sys.argv[1:3])
FEEDS = ["feed.xml", "benches/feed.xml", "tansy/feed.xml"]


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Between(http.server.BaseHTTPRequestHandler):
    """Passes requests on to the server and notes what it answers."""

    port = 0
    answers = []

    def do_GET(self):
        there = http.client.HTTPConnection("127.0.0.1", Between.port)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        there.request("GET", self.path, headers={**headers, "Host": f"localhost:{Between.port}"})
        answer = there.getresponse()
        body = answer.read()
        Between.answers.append((self.path, answer.status))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def until(what, holds):
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, f"it did not happen in a minute: {what}"
        time.sleep(0.1)


def answers(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def has_date(url):
    with urllib.request.urlopen(url) as answer:
        return "last-modified" in answer.headers


class Newsboat:
    def __init__(self, home, base):
        self.home, self.cache = home, os.path.join(home, "cache.db")
        with open(os.path.join(home, "urls"), "w") as urls:
            urls.writelines(f"{base}/{feed}\n" for feed in FEEDS)
        open(os.path.join(home, "config"), "w").close()

    def reload(self):
        """Returns what the server answered."""
        Between.answers.clear()
        words = ["newsboat", "-u", "urls", "-c", self.cache, "-C", "config", "-x", "reload"]
        done = subprocess.run(words, cwd=self.home, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return sorted(Between.answers)

    def items(self):
        with sqlite3.connect(self.cache) as cache:
            return cache.execute("select guid, title, content from rss_item").fetchall()


def check_newsboat(base_folder, between, home):
    newsboat = Newsboat(home, between)
    newsboat.reload()
    items = newsboat.items()
    ids = [guid for guid, _, _ in items]
    served = {entry.id for feed in FEEDS for entry in feedparser.parse(f"{between}/{feed}").entries}
    assert len(ids) == len(set(ids)) and set(ids) == served, "every entry once"
    assert all(title.strip() for _, title, _ in items), "every entry has a title"

    path = os.path.join(base_folder, "benches/outbox/2026-11-14T11-40-03Z-no-17.md")
    with open(path) as message:
        text = message.read()
    with open(path, "w") as message:
        message.write(text + "\nSeen again from the ferry.\n")
    until("the edit is served", lambda: "from the ferry" in answers(f"{between}/benches/feed.xml"))
    newsboat.reload()
    edited = newsboat.items()
    assert len(edited) == len(items), "an edit makes no entry"
    assert sum("from the ferry" in content for _, _, content in edited) == 1, "the edit is there"

    # It sends what it knows of a feed from the third time on.
    newsboat.reload()
    told = newsboat.reload()
    assert told == sorted((f"/{feed}", 304) for feed in FEEDS), f"who has it is told so: {told}"
    print(f"newsboat: {len(items)} entries once, an edit seen, then {len(told)} times 304")


def check_feedparser(between):
    count = 0
    for feed in FEEDS:
        read = feedparser.parse(f"{between}/{feed}")
        assert not read.bozo, f"{feed}: {read.get('bozo_exception')}"
        assert read.feed.id.startswith("urn:uuid:") and read.feed.title and read.entries
        for entry in read.entries:
            html = entry.content[0].value
            assert not re.search(r'(src|href)="(?!https?:|mailto:)', html), f"{feed}: {entry.id}"
            assert entry.author and entry.published_parsed and entry.updated_parsed
            assert all(e.type and int(e.length) for e in entry.enclosures)
            count += 1
        again = feedparser.parse(f"{between}/{feed}", etag=read.etag)
        assert again.status == 304, again.status
        again = feedparser.parse(f"{between}/{feed}", modified=read.headers["last-modified"])
        assert again.status == 304, again.status
    print(f"feedparser: {count} entries of {len(FEEDS)} feeds, then 304")


def check_xml(site):
    files = []
    for folder, _, names in os.walk(site):
        wanted = [name for name in names if name.endswith((".xml", ".opml"))]
        files += [os.path.join(folder, name) for name in wanted]
    subprocess.run(["xmllint", "--noout", "--nonet", *files], check=True)
    print(f"xmllint: {len(files)} files are well-formed")


def main():
    with tempfile.TemporaryDirectory() as temporary:
        base = os.path.join(temporary, "base")
        ignored = shutil.ignore_patterns("_site", ".handbill")
        shutil.copytree(EXAMPLE, base, ignore=ignored)
        Between.port = free_port()
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Between)
        between = f"http://127.0.0.1:{proxy.server_address[1]}"
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        words = [PROGRAM, "serve", "--port", str(Between.port), base]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = f"http://localhost:{Between.port}/feed.xml"
            until("the server answers", lambda: "<feed" in answers(address))
            home = os.path.join(temporary, "newsboat")
            os.mkdir(home)
            # What is seconds old has no date yet: it may change within the second.
            until("feeds have a date", lambda: all(has_date(f"{between}/{f}") for f in FEEDS))
            check_feedparser(between)
            check_newsboat(base, between, home)
            check_xml(os.path.join(base, "_site"))
        finally:
            server.terminate()
            server.wait()


main()
