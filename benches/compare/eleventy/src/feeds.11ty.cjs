const { escape } = require("../_includes/html.cjs");

exports.data = { pagination: { data: "collections.feeds", size: 1, alias: "feed" }, permalink: (data) => data.feed.path };

const entry = ({ data, templateContent }) => `<entry><title>${escape(data.title)}</title><id>https://example.org/notes/${data.permalink}</id><updated>${data.page.date.toISOString()}</updated><author><name>${data.channel}</name></author><link href="https://example.org/notes/${data.permalink}"/><content type="html">${escape(templateContent)}</content></entry>
`;

exports.render = ({ feed }) => `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>${feed.title}</title><id>https://example.org/notes/${feed.path}</id><updated>2026-01-01T00:00:00Z</updated>
${feed.posts.map(entry).join("")}</feed>
`;
