// Searches the messages of the edition. What is searched lies in scripts of a month each, which call
// `handbillShard`: they are loaded from the newest on, as far as they are needed, also from the disk.
//
// A word finds what begins with it; Chinese, Japanese and Thai are searched by pairs of letters. Case
// and marks on letters do not matter. What is looked for stands behind the # of the address, which no
// browser sends to anybody.
(() => {
  'use strict';

  const { src, dataset: w } = document.currentScript;
  const top = new URL('../', src);
  const shards = w.shards.split(' ').filter(Boolean);
  const byId = (id) => document.getElementById(id);
  const [form, results, more, day, found, progress] = ['search', 'results', 'more', 'day', 'found', 'progress'].map(byId);
  const contacts = Object.fromEntries([...form.contact.options].map((one) => [one.value, one]));
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // ---- Words --------------------------------------------------------------------------------

  const letters = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i', ς: 'σ', ـ: '' };
  const unspaced = '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー]';
  const word = '[\\p{L}\\p{M}\\p{N}]+';

  // The same for all ways to write a text. A Russian й is no и with a mark, nor a が a か.
  const fold = (text) => text.normalize('NFKD').toLowerCase()
    .replace(/(?<!и)[\u0300-\u036f]|[\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060]/g, '')
    .replace(/[ßæœøđðłþıςـ]/g, (letter) => letters[letter]).normalize('NFC');
  const isUnspaced = (text) => new RegExp(unspaced, 'u').test(text);
  const wordsOf = (text) => fold(text).replace(new RegExp(`${unspaced}+`, 'gu'), ' $& ').match(new RegExp(word, 'gu')) ?? [];
  const flat = (text) => ` ${wordsOf(text).join(' ')} `;

  // What must stand in a flat text that holds these words: as beginnings, or in a row as they are.
  function needles(text, inRow) {
    if (inRow && !isUnspaced(text)) return [flat(text)];
    return wordsOf(text).flatMap((one) => {
      if (!isUnspaced(one)) return [` ${one}`];
      const all = [...one];
      return inRow || all.length < 3 ? [one] : all.slice(1).map((letter, at) => all[at] + letter);
    });
  }

  function parse({ q, tag, author, ...filters }) {
    const query = { ...filters, author: fold(author), words: [], marks: [], tags: [] };
    for (const [, row, hash, plain] of `${q} ${tag && `#${tag}`}`.matchAll(/"([^"]+)"?|#+([^\s"]+)|([^\s"]+)/g)) {
      if (hash) query.tags.push(fold(hash));
      else query.words.push(...needles(row ?? plain, row));
      for (const one of wordsOf(row ?? plain ?? '')) if (row || isUnspaced(one)) query.marks.push(isUnspaced(one) ? one : flat(one));
    }
    return query;
  }

  function matches(one, { words, tags, author, contact, kind }) {
    one.flat ??= flat([one.name, one.text, one.author, ...one.tags].join(' '));
    return (!contact || one.folder === contact) && (!kind || contacts[one.folder].dataset.kind === kind)
      && fold(one.author).includes(author)
      && tags.every((tag) => one.tags.some((own) => fold(own) === tag))
      && words.every((needle) => one.flat.includes(needle));
  }

  // ---- What is searched ---------------------------------------------------------------------

  const loaded = new Map();
  window.handbillShard = (messages) => { document.currentScript.messages = messages.reverse(); };

  function load(shard) {
    if (!loaded.has(shard)) {
      loaded.set(shard, new Promise((done) => {
        const script = make('script', { src: `${src.slice(0, -3)}/${shard}.js` });
        script.onload = () => done(script.messages);
        script.onerror = () => {
          byId('missing').textContent += ` ${w.missing.replace('{}', monthOf(shard))}`;
          done([]);
        };
        document.head.append(script);
      }));
    }
    return loaded.get(shard);
  }

  const monthOf = (shard) => shard.slice(0, 7);

  async function* hits(query) {
    // Years are those of the archive, in UTC.
    const wanted = shards.filter((shard) => monthOf(shard).startsWith(query.year));
    for (const [at, shard] of wanted.entries()) {
      progress.textContent = w.loading.replace('{}', monthOf(shard));
      // The next ones are on their way meanwhile.
      wanted.slice(at, at + 4).forEach(load);
      for (const one of await load(shard)) if (matches(one, query)) yield one;
    }
  }

  // ---- What is found ------------------------------------------------------------------------

  // The text around the first word that was looked for, with all of them marked.
  function excerpt(text, marks) {
    const parts = text.split(new RegExp(`(${[...marks.filter(isUnspaced), unspaced, word].join('|')})`, 'u'));
    const isHit = (part) => marks.some((needle) => flat(part).includes(needle));
    const from = Math.max(parts.findIndex(isHit) - 20, 0);
    const shown = parts.slice(from, from + 90).map((part) => (isHit(part) ? make('mark', {}, part) : part));
    return [from ? '… ' : '', ...shown, parts.length > from + 90 ? ' …' : ''];
  }

  function item({ page, name, folder, iso, date, author, text }, marks = []) {
    const { text: title, dataset } = contacts[folder];
    const bdi = (className, ...words) => make('bdi', { className }, ...words);
    const who = make('span', {}, bdi(`sign ${dataset.kind}`), bdi('from', title), ' ', author === title ? '' : bdi('author', author));
    // What has no title is called by how it begins.
    const rest = text.replace(name.replace(/…$/, ''), (begin, at) => (at ? begin : ''));
    return make('li', {},
      make('p', { className: 'byline' }, who, ' ', make('time', { dateTime: iso }, date)),
      make('h2', { dir: 'auto' }, make('a', { href: top + page }, ...excerpt(name, marks))),
      make('p', { className: 'summary', dir: 'auto' }, ...excerpt(rest, marks)));
  }

  let run = 0;

  async function show(all, marks) {
    const own = run += 1;
    more.hidden = true;
    for (let shown = 0; ; shown += 1) {
      const { value, done } = shown < 30 ? await all.next() : {};
      if (own !== run) return;
      if (!value) {
        const count = results.children.length;
        progress.textContent = '';
        found.textContent = (count ? done ? w.found : w.sofar : w.nothing).replace('{}', count);
        more.hidden = done;
        more.onclick = () => show(all, marks);
        return;
      }
      results.append(item(value, marks));
    }
  }

  function search() {
    const fields = { kind: '', ...Object.fromEntries(new FormData(form)) };
    const query = Object.values(fields).some((value) => value.trim()) && parse(fields);
    run += 1;
    results.replaceChildren();
    progress.textContent = found.textContent = '';
    more.hidden = true;
    if (day) day.hidden = query;
    if (query) show(hits(query), [...query.marks, ...query.words]);
  }

  // What was written on this day in other years; which day it is, the clock of this browser tells.
  async function onThisDay() {
    const now = Date.now() - new Date().getTimezoneOffset() * 6e4;
    // At the end of a month, the zone of the settings may have a message in the other one.
    const near = [0, -1, 1].map((days) => new Date(now + days * 864e5).toISOString().slice(0, 10));
    for (const shard of shards.filter((one) => near.some((date) => date.slice(5, 7) === one.slice(5, 7)))) {
      const years = (await load(shard)).filter(({ iso }) => iso < near[0] && iso.slice(4) === near[0].slice(4));
      byId('days').append(...years.map((one) => item(one)));
    }
  }

  // ---- The form and the address -------------------------------------------------------------

  let isNew = true;
  let timer;

  function read() {
    const fields = new URLSearchParams(location.hash.slice(1));
    for (const field of form.querySelectorAll('[name]')) field.value = fields.get(field.name) ?? '';
    isNew = true;
    search();
  }

  // Each search is one step back, not each letter.
  function write() {
    clearTimeout(timer);
    const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history[isNew ? 'pushState' : 'replaceState'](null, '', `#${fields}`);
    isNew = false;
    search();
  }

  form.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(write, 200);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    write();
    isNew = true;
  };
  addEventListener('popstate', read);

  // Down and up go through what was found, a slash back to the words.
  addEventListener('keydown', (event) => {
    const { key, target } = event;
    const stops = [form.q, ...document.querySelectorAll('.results a')];
    const step = stops.includes(target) && { ArrowDown: 1, ArrowUp: -1 }[key];
    const stop = step ? stops[stops.indexOf(target) + step] : key === '/' && !target.matches('input, select') && form.q;
    if (!stop) return;
    event.preventDefault();
    stop.focus();
  });

  // What is offered to choose from is what has been loaded.
  for (const name of ['author', 'tags']) {
    const list = byId(`some-${name}`);
    list.previousElementSibling.onfocus = async () => {
      const known = (await Promise.all(loaded.values())).flat().flatMap((one) => one[name]);
      list.replaceChildren(...[...new Set(known)].map((value) => make('option', { value })));
    };
  }

  byId('without-scripts').hidden = true;
  form.hidden = false;
  read();
  if (day) onThisDay();
})();
