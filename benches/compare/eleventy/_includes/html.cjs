// The HTML that the pages share.
const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => text.replace(/[&<>"]/g, (sign) => NAMES[sign]);
const channels = [...Array(10).keys()].map((n) => `channel-${n}`);
const register = `<nav class="register"><ul>
${channels.map((name) => `<li><a href="/notes/${name}/"><span class="sign channel"></span><bdi>${name}</bdi></a></li>\n`).join("")}<li><a href="/notes/labels/">Tags</a></li>
<li><a href="/notes/archive/">Archive</a></li>
</ul></nav>
`;

const page = (title, path, main) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escape(title)} – Ten years</title>
<link rel="stylesheet" href="/notes/assets/style.css">
<link rel="alternate" type="application/atom+xml" href="/notes/feed.xml">
<link rel="canonical" href="https://example.org/notes/${path}">
<meta property="og:title" content="${escape(title)}">
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header class="masthead"><p class="nameplate"><a href="/notes/">Ten years</a></p></header>
${register}<main id="main">
${main}
</main>
<footer class="colophon"><p>Made with Eleventy</p></footer>
</body>
</html>
`;

const entry = (data, content) => `<article class="message channel">
<h3 dir="auto"><a href="/notes/${data.channel}/${data.stem}.html">${escape(data.title)}</a></h3>
<p class="byline"><a class="from" href="/notes/${data.channel}/"><span class="sign channel"></span><bdi>${data.channel}</bdi></a> <time datetime="${data.stem}">${data.stem.slice(0, 16)}</time></p>
${content === null ? `<p class="summary" dir="auto">${escape(data.excerpt)}</p>` : `<div class="body" dir="auto">${content}</div>
<p class="tags">${data.labels.map((label) => `<a href="/notes/labels/${label}/">#${label}</a>`).join(" ")}</p>`}
</article>
`;

module.exports = { escape, page, entry };
