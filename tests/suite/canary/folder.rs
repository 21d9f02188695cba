//! The base folder of the canaries.

use crate::support::Base;

/// What the reader edition does with a canary.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Reader {
    /// Shows it: the control that the word is one and that the folder is read at all.
    Shows,
    /// Has no place for it.
    Hides,
}
use Reader::{Hides, Shows};

/// Every canary word with what the reader edition does with it. `base` uses no other.
pub const WORDS: &[(&str, Reader)] = &[
    // A conversation: the folder, names in it, and every field of its messages.
    ("zqxjmira", Shows),
    ("zqxjgroup", Shows),
    ("zqxjstem", Shows),
    ("zqxjtitle", Shows),
    ("zqxjauthor", Shows),
    ("zqxjtag", Shows),
    ("zqxjhashtag", Shows),
    ("zqxjsummary", Shows),
    ("zqxjextra", Shows),
    ("zqxjunknownkey", Shows),
    ("zqxjheadercomment", Shows),
    ("zqxjthumbnail", Shows),
    ("zqxjreplyto", Shows),
    ("zqxjbody", Shows),
    ("zqxjheading", Shows),
    ("zqxjheadingid", Shows),
    ("zqxjalt", Shows),
    ("zqxjlinktext", Shows),
    ("zqxjlinktitle", Shows),
    ("zqxjlinkaddress", Shows),
    ("zqxjnote", Shows),
    ("zqxjlabel", Shows),
    ("zqxjlanguage", Shows),
    ("zqxjcode", Shows),
    ("zqxjtable", Shows),
    ("zqxjrawhtml", Shows),
    ("zqxjhtmlcomment", Shows),
    ("zqxjdefinition", Shows),
    ("zqxjattachment", Shows),
    ("zqxjattachedtext", Shows),
    ("zqxjotherfile", Shows),
    ("zqxjothertext", Shows),
    ("zqxjunusedfile", Hides),
    ("zqxjowntext", Shows),
    // Its channel.toml.
    ("zqxjchannel", Shows),
    ("zqxjdescription", Shows),
    ("zqxjlicense", Shows),
    ("zqxjhomepage", Shows),
    ("zqxjperson", Shows),
    ("zqxjpersonpage", Shows),
    ("zqxjmail", Shows),
    ("zqxjtransport", Hides),
    ("zqxjlink", Hides),
    ("zqxjavatar", Shows),
    ("zqxjtomlcomment", Hides),
    ("zqxjtomlkey", Shows),
    // A subscription, a channel that is not listed, one that is listed and has an inbox.
    ("zqxjharbour", Shows),
    ("zqxjharbourtext", Shows),
    ("zqxjunlisted", Shows),
    ("zqxjunlistedtext", Shows),
    ("zqxjlisted", Shows),
    ("zqxjlistedtext", Shows),
    ("zqxjmissingcontact", Shows),
    // handbill.toml.
    ("zqxjalias", Shows),
    ("zqxjgiven", Hides),
    ("zqxjsettingscomment", Hides),
    ("zqxjsetting", Shows),
    // The public channel: what lies beside its outbox, and what its messages keep back.
    ("zqxjdraftsfile", Hides),
    ("zqxjdraftstext", Hides),
    ("zqxjbesides", Hides),
    ("zqxjlooseattachment", Hides),
    ("zqxjdraft", Shows),
    ("zqxjprivate", Shows),
    ("zqxjvisibility", Shows),
    ("zqxjpublished", Shows),
    ("zqxjyaml", Shows),
    ("zqxjbroken", Shows),
    ("zqxjopen", Shows),
    ("zqxjheld", Shows),
    ("zqxjheldtext", Hides),
    ("zqxjsuspect", Shows),
    ("zqxjanswer", Shows),
    ("zqxjanswerbyaddress", Shows),
    ("zqxjconflict", Hides),
    ("zqxjconflictname", Shows),
    ("zqxjkeeptag", Shows),
    ("zqxjkeepfile", Shows),
    ("zqxjkeeptext", Shows),
    ("zqxjpublickey", Shows),
    ("zqxjpubliccomment", Shows),
    ("zqxjpublicextra", Shows),
    ("zqxjpublichidden", Shows),
    ("zqxjpubliclabel", Shows),
    ("zqxjpublicid", Shows),
    ("zqxjpublicdefinition", Shows),
    ("zqxjchannelcomment", Hides),
    ("zqxjchannelkey", Shows),
    ("zqxjauthoravatar", Shows),
    ("zqxjfacedata", Shows),
];

/// A header of each kind that keeps a message back, with its canary word.
pub const CLOSED: &[(&str, &str)] = &[
    ("zqxjdraft", "+++\ndraft = true\n+++\n"),
    ("zqxjprivate", "+++\nprivate = true\n+++\n"),
    ("zqxjvisibility", "+++\nvisibility = \"friends\"\n+++\n"),
    ("zqxjpublished", "+++\npublished = false\n+++\n"),
    ("zqxjyaml", "---\ndraft: yes\n---\n"),
    ("zqxjbroken", "+++\ntitle = \"zqxjbroken\nDraft = true\n+++\n"),
    ("zqxjopen", "+++\ntitle = \"zqxjopen\"\n"),
];

/// The public channel has this id, and its conversation partner that one.
pub const PUBLIC_ID: &str = "7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11";
pub const PRIVATE_ID: &str = "c2b6a1f4-3e58-4d0b-a7a9-5f1e8b4d7c20";

/// Makes the base folder. Only `notes` is public, and of it what does not say otherwise.
pub fn base() -> Base {
    let base = Base::of(SETTINGS);
    conversation(&base);
    for (contact, side) in
        [("zqxjharbour", "inbox"), ("zqxjunlisted", "outbox"), ("zqxjlisted", "outbox")]
    {
        base.write(
            &format!("{contact}/{side}/2026-11-12T10-00-00Z.md"),
            format!("{contact}text #{contact}"),
        );
    }
    base.folder("zqxjlisted/inbox");
    channel(&base);
    for (n, (word, header)) in CLOSED.iter().enumerate() {
        kept_back(&base, &format!("2026-11-13T10-00-{n:02}Z-{word}"), header, word);
    }
    // Held until 2027, a copy without a mark, answers to the conversation.
    kept_back(&base, "2027-11-13T10-00-00Z-zqxjheld", "", "zqxjheldtext");
    base.write("notes/outbox/2026-11-14T10-00-00Z (2).md", "zqxjsuspect");
    let answer = |to: &str| format!("+++\nin_reply_to = \"{to}\"\n+++\n");
    kept_back(&base, "2026-11-15T10-00-00Z-zqxjanswer", &answer(&private_message()), "zqxjanswer");
    let address = "http://localhost:8888/zqxjmira/in/zqxjgroup/2026-11-10T10-00-00Z-zqxjstem.html";
    kept_back(
        &base,
        "2026-11-15T10-00-01Z-zqxjanswerbyaddress",
        &answer(address),
        "zqxjanswerbyaddress",
    );
    for name in [
        "a.sync-conflict-20261123-140900-K4LFMQY.md",
        "zqxjconflictname (conflicted copy 2026-11-23).md",
    ] {
        base.write(&format!("notes/outbox/{name}"), "zqxjconflict");
    }
    base
}

const SETTINGS: &str = "\
-- handbill.toml
# zqxjsettingscomment
title = \"Site\"
public = [\"zqxjlisted\", \"zqxjmissingcontact\", \"notes\"]
base_url = \"https://example.org/site/\"
zqxjsetting = 1
[contact.zqxjmira]
alias = \"zqxjalias\"
subscribe = \"zqxjgiven\"
[contact.notes]
subscribe = \"zqxjgiven\"
";

/// Returns the public id of the message of the conversation.
pub fn private_message() -> String {
    let stem = handbill::path::RelPath::parse("zqxjgroup/2026-11-10T10-00-00Z-zqxjstem").unwrap();
    handbill::library::message_id(PRIVATE_ID.parse().unwrap(), &stem).to_string()
}

/// A conversation with a canary in every place that has words.
fn conversation(base: &Base) {
    base.write(
        "zqxjmira/inbox/channel.toml",
        format!(
            "# zqxjtomlcomment\nid = \"{PRIVATE_ID}\"\ntitle = \"zqxjchannel\"\n\
             description = \"zqxjdescription\"\nlicense = \"zqxjlicense\"\n\
             home_page = \"https://zqxjhomepage.example/\"\navatar = \"zqxjavatar.png\"\nzqxjtomlkey = 1\n\
             [[author]]\nname = \"zqxjperson\"\nuri = \"https://zqxjpersonpage.example/\"\n\
             email = \"zqxjmail@example.org\"\navatar = \"zqxjauthoravatar.png\"\n\
             [[subscribe]]\ntransport = \"zqxjtransport\"\nlink = \"https://zqxjlink.example/\"\n"
        ),
    );
    base.write("zqxjmira/inbox/zqxjavatar.png", crate::canary::pictures::png("zqxjavatar"));
    for name in ["zqxjauthoravatar", "zqxjgroup/zqxjthumbnail"] {
        base.write(&format!("zqxjmira/inbox/{name}.png"), crate::canary::pictures::png(name));
    }
    let stem = "zqxjmira/inbox/zqxjgroup/2026-11-10T10-00-00Z-zqxjstem";
    base.write(&format!("{stem}.md"), MESSAGE);
    base.write(&format!("{stem}/zqxjattachment.txt"), "zqxjattachedtext");
    base.write("zqxjmira/inbox/zqxjgroup/zqxjotherfile.txt", "zqxjothertext");
    base.write("zqxjmira/inbox/zqxjunusedfile.txt", "zqxjunusedfile");
    base.write("zqxjmira/outbox/2026-11-11T10-00-00Z.md", "zqxjowntext");
}

const MESSAGE: &str = "\
+++
# zqxjheadercomment
title = \"zqxjtitle\"
author = \"zqxjauthor\"
tags = [\"zqxjtag\"]
summary = \"zqxjsummary\"
thumbnail = \"zqxjthumbnail.png\"
in_reply_to = \"urn:zqxjreplyto\"
zqxjunknownkey = 1
[extra]
a = \"zqxjextra\"
+++
zqxjbody #zqxjhashtag ![zqxjalt](zqxjotherfile.txt) [zqxjlinktext](https://zqxjlinkaddress.example/ \"zqxjlinktitle\")[^zqxjlabel]

## zqxjheading {#zqxjheadingid}

[^zqxjlabel]: zqxjnote

```zqxjlanguage
zqxjcode
```

| zqxjtable |
|-----------|

<b>zqxjrawhtml</b> <!-- zqxjhtmlcomment -->

[//]: # (zqxjdefinition)
";

/// The public channel with what of it is not public.
fn channel(base: &Base) {
    base.write(
        "notes/outbox/channel.toml",
        format!(
            "# zqxjchannelcomment\nid = \"{PUBLIC_ID}\"\ntitle = \"Notes\"\nzqxjchannelkey = 1\n\
             [[author]]\nname = \"Odo\"\navatar = \"odo.png\"\n"
        ),
    );
    base.write("notes/outbox/odo.png", crate::canary::pictures::png("zqxjfacedata"));
    base.write("notes/drafts/zqxjdraftsfile.md", "zqxjdraftstext");
    base.write("notes/zqxjbesides.md", "zqxjbesides");
    base.write("notes/outbox/zqxjlooseattachment.txt", "zqxjlooseattachment");
    base.write("notes/outbox/2026-11-14T10-00-00Z.md", "A public message. #tide");
    base.write("notes/outbox/2026-11-16T10-00-00Z-open.md", PUBLIC);
    base.write(
        "notes/outbox/2026-11-17T10-00-00Z-reply.md",
        format!(
            "+++\nin_reply_to = \"{}\"\n+++\nAnswers one that is kept back.",
            handbill::library::message_id(
                PUBLIC_ID.parse().unwrap(),
                &handbill::path::RelPath::parse("2026-11-13T10-00-00Z-zqxjdraft").unwrap()
            )
        ),
    );
    base.write(
        "notes/outbox/2026-11-17T10-00-01Z-local.md",
        "+++\nin_reply_to = \"http://127.0.0.1:8888/zqxjmira/in/nowhere.html\"\n+++\nAnswers nobody.",
    );
}

/// A public message that says more to me than to others.
const PUBLIC: &str = "\
+++
# zqxjpubliccomment
title = \"Open\"
zqxjpublickey = 1
[extra]
a = \"zqxjpublicextra\"
+++
This is public. <!-- zqxjpublichidden --> [draft](2026-11-13T10-00-00Z-zqxjdraft.md)
![draft's](2026-11-13T10-00-00Z-zqxjdraft/zqxjkeepfile.txt)
[held](2027-11-13T10-00-00Z-zqxjheld.md) ![held's](2027-11-13T10-00-00Z-zqxjheld/zqxjkeepfile.txt)
[mira](../../zqxjmira/inbox/zqxjgroup/2026-11-10T10-00-00Z-zqxjstem.md)
[drafts](../drafts/x.md) note[^zqxjpubliclabel] [id](#zqxjpublicid)

## Heading {#zqxjpublicid}

[^zqxjpubliclabel]: A footnote.

<!--
zqxjpublichidden
-->

[//]: # (zqxjpublicdefinition)
";

/// A message of the public channel that is not public, with all that comes with it.
fn kept_back(base: &Base, stem: &str, header: &str, word: &str) {
    let text = format!("{header}# {word}\n\n{word} #zqxjkeeptag ![{word}](zqxjkeepfile.txt)\n");
    base.write(&format!("notes/outbox/{stem}.md"), text);
    base.write(&format!("notes/outbox/{stem}/zqxjkeepfile.txt"), "zqxjkeeptext");
}
