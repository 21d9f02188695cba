//! The languages that are known, and how each looks.

use super::words::{Text, Trait, Words};
use super::{Language, Rules};

/// A text on one line, in which `\` takes the meaning of what follows.
const fn quoted(mark: &'static str) -> Text {
    Text { open: mark, close: mark, escape: Some(b'\\'), lines: false }
}

/// The same over several lines.
const fn long(mark: &'static str) -> Text {
    Text { open: mark, close: mark, escape: Some(b'\\'), lines: true }
}

/// A text over several lines in which everything means itself.
const fn raw(open: &'static str, close: &'static str) -> Text {
    Text { open, close, escape: None, lines: true }
}

const fn language(names: &'static [&'static str], words: Words) -> Language {
    Language { names, rules: Rules::Words(words) }
}

/// Most languages whose statements stand in braces.
const BRACES: Words = Words {
    line: &["//"],
    block: &[("/*", "*/")],
    nested: false,
    texts: &[quoted("\""), quoted("'")],
    keywords: "",
    types: "",
    constants: "true false null",
    functions: "",
    traits: &[Trait::Calls, Trait::CapitalTypes, Trait::At],
};

/// Most languages whose comments begin with `#`.
const HASHES: Words = Words {
    line: &["#"],
    block: &[],
    nested: false,
    texts: &[long("\""), long("'")],
    keywords: "",
    types: "",
    constants: "true false",
    functions: "",
    traits: &[Trait::Calls],
};

/// What is typed into a terminal.
pub(super) const SHELL: Words = Words {
    texts: &[long("\""), raw("'", "'")],
    keywords: "if then elif else fi for in do done while until case esac function return break continue select time exit local export readonly declare unset source alias trap set shift",
    constants: "",
    functions: "echo printf cd ls cat cp mv rm mkdir rmdir touch grep sed awk find sort uniq head tail cut tr wc xargs test read eval exec kill sleep chmod chown ln tar curl wget ssh scp rsync git make sudo date tee env cargo npm python python3 pip node docker handbill",
    traits: &[Trait::Dollar, Trait::HashApart, Trait::Dashes],
    ..HASHES
};

const C: Words = Words {
    keywords: "auto break case const constexpr continue default do else enum extern for goto if inline register restrict return sizeof static struct switch typedef union volatile while _Static_assert class namespace template typename public private protected virtual override final new delete this throw try catch using operator friend explicit mutable noexcept static_cast dynamic_cast reinterpret_cast const_cast co_await co_return co_yield concept requires decltype export import module and or not",
    types: "void char short int long float double signed unsigned bool size_t ssize_t ptrdiff_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t FILE string vector map wchar_t",
    constants: "true false NULL nullptr",
    traits: &[Trait::Calls, Trait::CapitalTypes, Trait::Directives],
    ..BRACES
};

const SCRIPT: Words = Words {
    texts: &[quoted("\""), quoted("'"), long("`")],
    keywords: "abstract as async await break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in instanceof interface is keyof let namespace new of override private protected public readonly return satisfies set static super switch this throw try type typeof var void while with yield",
    types: "any bigint boolean never number object string symbol unknown",
    constants: "true false null undefined NaN Infinity",
    traits: &[Trait::Calls, Trait::CapitalTypes, Trait::At, Trait::ColonKeys, Trait::Patterns],
    ..BRACES
};

/// All of them, by names.
pub(super) static ALL: &[Language] = &[
    language(
        &["rust", "rs"],
        Words {
            nested: true,
            texts: &[long("\"")],
            keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait type unsafe use where while yield macro_rules union",
            types: "bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64",
            constants: "true false None Some Ok Err",
            traits: &[
                Trait::Calls,
                Trait::CapitalTypes,
                Trait::Macros,
                Trait::Attributes,
                Trait::Lifetimes,
                Trait::Raw,
            ],
            ..BRACES
        },
    ),
    language(
        &["python", "py", "python3", "starlark"],
        Words {
            texts: &[raw("\"\"\"", "\"\"\""), raw("'''", "'''"), quoted("\""), quoted("'")],
            keywords: "and as assert async await break class continue def del elif else except finally for from global if import in is lambda match case nonlocal not or pass raise return try while with yield",
            types: "int float str bytes bool list dict set tuple object type",
            constants: "True False None self cls NotImplemented",
            functions: "print len range open enumerate zip map filter sorted sum min max any all isinstance super",
            traits: &[Trait::Calls, Trait::CapitalTypes, Trait::At],
            ..HASHES
        },
    ),
    language(&["javascript", "js", "mjs", "cjs", "jsx", "typescript", "ts", "tsx", "mts"], SCRIPT),
    language(
        &["json", "jsonc", "json5", "geojson"],
        Words { texts: &[quoted("\""), quoted("'")], traits: &[Trait::ColonKeys], ..BRACES },
    ),
    language(
        &["toml"],
        Words {
            texts: &[raw("\"\"\"", "\"\"\""), raw("'''", "'''"), quoted("\""), raw("'", "'")],
            constants: "true false inf nan",
            traits: &[Trait::EqualKeys, Trait::Sections, Trait::Dashes],
            ..HASHES
        },
    ),
    language(
        &["ini", "cfg", "conf", "properties", "desktop", "systemd", "editorconfig"],
        Words {
            line: &["#", ";"],
            texts: &[quoted("\"")],
            constants: "true false yes no on off",
            traits: &[Trait::EqualKeys, Trait::Sections, Trait::Dashes, Trait::HashApart],
            ..HASHES
        },
    ),
    language(
        &["yaml", "yml"],
        Words {
            constants: "true false null yes no on off",
            traits: &[Trait::ColonKeys, Trait::HashApart, Trait::Dashes],
            ..HASHES
        },
    ),
    language(&["sh", "bash", "zsh", "shell", "ksh", "fish", "dash"], SHELL),
    language(&["c", "h", "cpp", "c++", "cc", "cxx", "hpp", "objc", "arduino"], C),
    language(
        &["go", "golang"],
        Words {
            texts: &[quoted("\""), quoted("'"), raw("`", "`")],
            keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var",
            types: "bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr any",
            constants: "true false nil iota",
            functions: "append cap clear close copy delete len make max min new panic print println recover",
            traits: &[Trait::Calls, Trait::CapitalTypes],
            ..BRACES
        },
    ),
    language(
        &["java", "kotlin", "kt", "kts", "scala", "groovy", "gradle", "dart"],
        Words {
            texts: &[raw("\"\"\"", "\"\"\""), quoted("\""), quoted("'")],
            keywords: "abstract as assert break by case catch class companion const continue data def default do else enum extends final finally for fun given if implements implicit import in inline instanceof interface internal is lateinit lazy match new object open operator override package permits private protected public record required return sealed static super suspend switch synchronized this throw throws trait transient try typealias val var volatile when where while with yield",
            types: "boolean byte char double float int long short void var dynamic num",
            ..BRACES
        },
    ),
    language(
        &["csharp", "cs", "c#", "fsharp", "fs"],
        Words {
            keywords: "abstract as async await base break case catch checked class const continue default delegate do else enum event explicit extern finally fixed for foreach get goto if implicit in init interface internal is let lock match namespace new operator out override params partial private protected public readonly record ref return sealed set sizeof stackalloc static struct switch this throw try typeof unchecked unsafe using virtual volatile when where while with yield",
            types: "bool byte char decimal double dynamic float int long nint object sbyte short string uint ulong ushort var void",
            traits: &[Trait::Calls, Trait::CapitalTypes, Trait::Directives],
            ..BRACES
        },
    ),
    language(
        &["swift"],
        Words {
            nested: true,
            texts: &[raw("\"\"\"", "\"\"\""), quoted("\"")],
            keywords: "actor any as associatedtype async await break case catch class continue default defer deinit do else enum extension fallthrough fileprivate final for func guard if import in init inout internal is lazy let mutating nonisolated open operator override private protocol public repeat rethrows return self Self some static struct subscript super switch throw throws try typealias unowned var weak where while",
            constants: "true false nil",
            ..BRACES
        },
    ),
    language(
        &["php"],
        Words {
            line: &["//", "#"],
            keywords: "abstract and array as break callable case catch class clone const continue declare default do echo else elseif enum extends final finally fn for foreach function global if implements include instanceof insteadof interface isset list match namespace new or print private protected public readonly require require_once return static switch throw trait try unset use var while yield",
            types: "bool int float string void mixed never iterable object",
            constants: "true false null TRUE FALSE NULL",
            traits: &[Trait::Calls, Trait::CapitalTypes, Trait::Dollar],
            ..BRACES
        },
    ),
    language(
        &["ruby", "rb", "crystal", "elixir", "ex", "exs"],
        Words {
            keywords: "alias and begin break case class cond def defmodule defp defstruct do else elsif end ensure fn for if import in module next not or raise receive redo require rescue retry return self super then undef unless until use when while with yield",
            constants: "true false nil",
            functions: "puts print attr_accessor attr_reader attr_writer include extend",
            traits: &[Trait::Calls, Trait::CapitalTypes, Trait::At, Trait::Colon, Trait::Dollar],
            ..HASHES
        },
    ),
    language(
        &["perl", "pl", "raku", "r", "julia", "jl", "awk", "tcl"],
        Words {
            keywords: "abstract and begin BEGIN break catch const continue do else elseif elsif end END finally for foreach function global if import in last let local loop macro module mutable my next not or our package proc quote repeat require return set struct sub then try unless until use using while",
            constants: "true false TRUE FALSE NULL NA nothing Inf NaN undef",
            functions: "print printf push shift split join keys values sort map grep library",
            traits: &[Trait::Calls, Trait::Dollar, Trait::At],
            ..HASHES
        },
    ),
    language(
        &["lua"],
        Words {
            line: &["--"],
            block: &[("--[[", "]]")],
            texts: &[quoted("\""), quoted("'"), raw("[[", "]]")],
            keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
            constants: "true false nil",
            traits: &[Trait::Calls],
            ..BRACES
        },
    ),
    language(
        &["haskell", "hs", "elm", "purescript", "ocaml", "ml"],
        Words {
            line: &["--"],
            block: &[("{-", "-}"), ("(*", "*)")],
            nested: true,
            texts: &[quoted("\"")],
            keywords: "as case class data deriving do else exposing fun function if import in infix infixl infixr instance let match module newtype of open port rec sig struct then try type val when where with",
            constants: "True False Nothing Just true false",
            traits: &[Trait::CapitalTypes],
            ..BRACES
        },
    ),
    language(
        &["sql", "sqlite", "postgres", "postgresql", "mysql", "plpgsql"],
        Words {
            line: &["--"],
            texts: &[raw("'", "'"), raw("\"", "\"")],
            keywords: "add all alter and as asc begin between by case cascade check column commit constraint create cross cte database default delete desc distinct drop else end except exists explain foreign from full function group having if in index inner insert intersect into is join key left like limit not offset on or order outer over partition primary procedure recursive references returning returns revoke right rollback row select set table then transaction trigger truncate union unique update using values view when where window with",
            types: "bigint blob boolean bytea char date decimal double float int integer json jsonb numeric real serial smallint text time timestamp timestamptz uuid varchar",
            constants: "true false null",
            traits: &[Trait::AnyCase, Trait::Calls],
            ..BRACES
        },
    ),
    language(
        &["dockerfile", "docker", "containerfile"],
        Words {
            keywords: "from as run cmd label expose env add copy entrypoint volume user workdir arg onbuild stopsignal healthcheck shell",
            traits: &[Trait::AnyCase, Trait::Dollar, Trait::HashApart],
            ..HASHES
        },
    ),
    language(
        &["makefile", "make", "mk", "just", "justfile", "cmake", "nix"],
        Words {
            keywords: "assert define else elseif endef endforeach endfunction endif endmacro export foreach function if ifdef ifeq ifndef ifneq import in include inherit let macro rec set then with",
            traits: &[
                Trait::Dollar,
                Trait::EqualKeys,
                Trait::ColonKeys,
                Trait::HashApart,
                Trait::Dashes,
            ],
            ..HASHES
        },
    ),
    language(
        &["zig", "odin", "v", "d", "glsl", "wgsl", "hlsl"],
        Words {
            keywords: "align and asm attribute break cast catch cbuffer comptime const continue defer discard else enum errdefer error export extern fn for if import in inline inout layout let loop module mut opaque or orelse out override packed precision proc pub return static struct switch test try type uniform union unreachable using var varying volatile when while workgroup",
            types: "bool f16 f32 f64 float i8 i16 i32 i64 int isize mat2 mat3 mat4 u8 u16 u32 u64 usize uint uvec2 vec2 vec3 vec4 void anytype",
            constants: "true false null undefined nil",
            ..BRACES
        },
    ),
    language(
        &["clojure", "clj", "lisp", "scheme", "racket", "elisp", "fennel"],
        Words {
            line: &[";"],
            block: &[("#|", "|#")],
            texts: &[long("\"")],
            keywords: "and begin case cond def define defmacro defn defun defvar do else fn for if lambda let loop ns or quote recur require set setq unless when",
            constants: "true false nil",
            traits: &[Trait::Dashes, Trait::Colon],
            ..BRACES
        },
    ),
    Language {
        names: &["html", "xml", "svg", "xhtml", "vue", "svelte", "rss", "atom", "opml", "astro"],
        rules: Rules::Markup,
    },
    Language { names: &["css", "scss", "sass", "less"], rules: Rules::Style },
    Language { names: &["diff", "patch"], rules: Rules::Diff },
    Language {
        names: &["console", "terminal", "shell-session", "sh-session", "shellsession"],
        rules: Rules::Session,
    },
];
