#include "plan/html.h"

/* How the page looks, light and dark, narrow and on paper. */
static const char *const lines[] = {
    ":root { color-scheme: light dark; --page: #fff; --text: #1c2024; --soft: #60666d; --line: #d9dde2; --panel: #f6f7f9;",
    "  --create: #14713d; --change: #8a5a00; --replace: #7b2fa0; --delete: #b3261e; --unchanged: #60666d; --link: #0b57d0 }",
    "@media (prefers-color-scheme: dark) { :root { --page: #15181b; --text: #e4e7ea; --soft: #9aa1a9; --line: #363c43; --panel: #1e2226;",
    "  --create: #5fd08f; --change: #e8b04a; --replace: #d294f2; --delete: #ff8a80; --unchanged: #9aa1a9; --link: #8ab4f8 } }",
    "* { box-sizing: border-box }",
    "body { margin: 0 auto; max-width: 1440px; padding: 1.5rem; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif }",
    "h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem }",
    "h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem } p { margin: .3rem 0 } a { color: var(--link) }",
    "code, .mono { font: .86em/1.5 ui-monospace, monospace; overflow-wrap: anywhere }",
    ".soft { color: var(--soft) } .create { color: var(--create) } .change { color: var(--change) } .replace { color: var(--replace) }",
    ".delete { color: var(--delete) } .unchanged { color: var(--unchanged) }",
    ".counts { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; margin: 1rem 0 0; list-style: none }",
    ".counts li { border: 1px solid var(--line); border-radius: 8px; padding: .35rem .8rem; background: var(--panel) } .counts b { font-size: 1.25rem }",
    "nav { margin: .8rem 0 0; display: flex; flex-wrap: wrap; gap: 1rem }",
    "ul.plain { list-style: none; padding: 0; margin: 0 } ul.plain li { padding: .2rem 0; display: flex; gap: .6rem }",
    ".sign { font: 700 1em ui-monospace, monospace; flex: none; min-width: 1.6rem }",
    ".resource { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .6rem .8rem; break-inside: avoid-page }",
    ".resource:target { outline: 2px solid var(--link) }",
    ".resource header { display: flex; flex-wrap: wrap; gap: .1rem .6rem; align-items: baseline } .resource header b { overflow-wrap: anywhere }",
    ".place { margin: .3rem 0 0; display: flex; flex-wrap: wrap; gap: 0 .7rem } .place code { white-space: pre-wrap }",
    "table { border-collapse: collapse; width: 100%; margin: .5rem 0 0; table-layout: fixed }",
    "th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85em } th:first-child { width: 26% }",
    "td, th { padding: .3rem .6rem .3rem 0; vertical-align: top; border-top: 1px solid var(--line) }",
    "td code { white-space: pre-wrap } .from > code { color: var(--delete) } .to > code { color: var(--create) }",
    ".long { display: block; max-height: 9.5em; overflow: auto }",
    "details { margin: .4rem 0 0 } summary { cursor: pointer; color: var(--soft) } .warning { color: var(--delete); margin: .4rem 0 0 }",
    ".badge { border: 1px solid currentColor; border-radius: 4px; padding: 0 .35rem; font-size: .8em; color: var(--replace); white-space: nowrap }",
    ".share { display: grid; grid-template-columns: 14rem 1fr; gap: .8rem; align-items: center; padding: .1rem 0 }",
    ".bar { height: .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; overflow: hidden }",
    ".bar i { display: block; height: 100%; background: var(--link); print-color-adjust: exact }",
    ".graph { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--panel) }",
    ".graph svg { display: block; font: 11px system-ui, sans-serif } .graph text { fill: var(--text) } .graph .kind { fill: var(--soft); font-size: 10px }",
    ".graph .head { fill: var(--soft); font-weight: 600 } .graph rect { fill: var(--page); stroke: currentColor; stroke-width: 1.5 }",
    ".graph path { fill: none; stroke: var(--soft); stroke-width: 1; opacity: .55 } .graph path.faint { opacity: .22 }",
    ".graph a:hover rect { stroke-width: 3 }",
    "@media (max-width: 700px) { body { padding: .8rem } table, tbody, tr, td { display: block; width: 100% } thead { display: none }",
    "  td { border: 0; padding: .1rem 0 } tr { border-top: 1px solid var(--line); padding: .3rem 0; display: block }",
    "  .from::before { content: 'old '; color: var(--soft) } .to::before { content: 'new '; color: var(--soft) } .share { grid-template-columns: 1fr } }",
    "@media print { body { max-width: none; padding: 0; font-size: 11px } nav { display: none } .long { max-height: none } .graph { overflow: visible }",
    "  .graph svg { width: 100%; height: auto } details { display: none } a { color: inherit; text-decoration: none } }",
};

void html_add_style(Buffer *out)
{
    buffer_add_c(out, "<style>\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        buffer_add_c(out, lines[i]);
        buffer_add_byte(out, '\n');
    }
    buffer_add_c(out, "</style>");
}
