// Base folders that the example is not: one with nothing in it, one with twenty contacts of very
// different pace, and the example after something was edited and something deleted.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
/** A theme to look at in the place of the default one. */
const theme = process.env.HANDBILL_THEME;
const program = process.env.HANDBILL ?? join(top, 'target/debug/handbill');

/** Builds a base folder. Findings are for people, and what is wrong here is wrong on purpose. */
export function build(folder) {
  execFileSync(program, ['build', folder, '-q'], { stdio: ['ignore', 'ignore', 'ignore'] });
}

function make(fill) {
  const folder = mkdtempSync(join(tmpdir(), 'handbill-'));
  if (theme) cpSync(theme, join(folder, 'theme'), { recursive: true });
  fill(folder);
  build(folder);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** A base folder on the first day. */
export function empty() {
  return make((folder) => writeFileSync(join(folder, 'handbill.toml'), 'title = "Notes from Nowhere Yet"\n'));
}

/** Who writes how often in the 60 days to 20 November 2026: messages a day on average, and box. */
const paces = [
  ['harbour-radio', 9, 'inbox'], ['tram-delays', 5, 'inbox'], ['gull-counter', 2, 'inbox'],
  ['wren', 1.1, 'both'], ['field-notes', 0.6, 'outbox'], ['slow-bread', 0.4, 'inbox'],
  ['osk', 0.3, 'both'], ['night-shift', 0.25, 'inbox'], ['map-room', 0.2, 'inbox'],
  ['ferry-letters', 0.15, 'inbox'], ['moss', 0.12, 'inbox'], ['third-floor', 0.1, 'inbox'],
  ['allotment-9', 0.1, 'outbox'], ['bellringers', 0.08, 'inbox'], ['lock-keeper', 0.06, 'inbox'],
  ['pernilla', 0.05, 'both'], ['weather-house', 0.05, 'inbox'], ['lighthouse-cat', 0.04, 'inbox'],
  ['paper-mill', 0.03, 'inbox'], ['comet-watch', 0.02, 'inbox'],
];
const said = [
  'Fog on the outer mark. The second boat is late and nobody minds.',
  '# A short history of the small gate\n\nIt was painted green in the year of the flood, and has been called the red gate since.',
  'Seventeen gulls, one of them twice.',
  'Line 4 waits at the depot for a driver who is waiting at the other depot.',
  'The dough was left alone for a day and is better company for it. I wrote down the hours, as one should, and then the hours I had meant.',
  'Heard through the wall: a cello, a kettle, an apology.',
];

/** Twenty contacts of very different pace. */
export function crowd() {
  return make((folder) => {
    writeFileSync(join(folder, 'handbill.toml'), 'title = "Twenty at the Table"\npublic = ["field-notes", "allotment-9"]\n');
    for (const [who, [name, pace, box]] of paces.entries()) {
      for (const one of box === 'both' ? ['inbox', 'outbox'] : [box]) mkdirSync(join(folder, name, one), { recursive: true });
      const count = Math.max(1, Math.round(pace * 60));
      for (let at = 0; at < count; at += 1) {
        const minutes = Math.round(((at + 0.5) / count) * 60 * 1440) + who * 37 + ((at * 7919) % 600);
        const stamp = new Date(Date.UTC(2026, 8, 21, 6) + minutes * 60_000).toISOString().slice(0, 19).replaceAll(':', '-');
        const side = box === 'both' ? ['inbox', 'outbox'][at % 2] : box;
        writeFileSync(join(folder, name, side, `${stamp}Z-${at}.md`), `${said[(at + who) % said.length]}\n`);
      }
    }
  });
}

/** The example, in which a message that was answered is gone and another was edited. */
export function changed() {
  return make((folder) => {
    cpSync(join(top, 'example-channel'), folder, { recursive: true, filter: (path) => !/[/\\](_site|\.handbill)$/.test(path) });
    mkdirSync(join(folder, 'pigeonhole/outbox'), { recursive: true });
    build(folder);
    rmSync(join(folder, 'corrections/outbox/2026-04-12T20-15-00Z-the-bench-at-gannet-steps.md'));
    appendFileSync(join(folder, 'enquiry-desk/inbox/2026-11-12T15-50-44Z-finished.md'), '\nA line more, a day later.\n');
  });
}
