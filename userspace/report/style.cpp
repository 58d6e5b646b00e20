// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/style.hpp"

namespace tocsin::report {

const char* const kStyleSheet = R"(
:root { color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --ink: #1a1d23; --soft: #5b6370; --line: #dfe2e8;
  --code: #f0f2f5; --accent: #2456c7; --bad: #c2241c; --warn: #a35a00; --good: #1c7a3d;
  --band: #d9e4fb; --gap: #e9d9b8; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14161a; --card: #1d2026; --ink: #e7e9ee; --soft: #9aa3b2; --line: #31353e;
  --code: #262a32; --accent: #82aaff; --bad: #ff7b72; --warn: #e3a34b; --good: #63c584;
  --band: #27375c; --gap: #4a3f27; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px 40px; }
header { margin: 0 0 20px; }
header .kicker { margin: 0 0 8px; color: var(--soft); font-size: 13px; letter-spacing: .02em; }
h1 { margin: 0 0 10px; font-size: 26px; line-height: 1.3; font-weight: 650; text-wrap: balance; }
h2 { margin: 0 0 12px; font-size: 16px; font-weight: 650; }
h3 { margin: 18px 0 6px; font-size: 14px; font-weight: 650; color: var(--soft); }
p { margin: 0 0 8px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px 20px; margin: 0 0 16px; }
section > :last-child { margin-bottom: 0; }
h1, p, dd, li, td, code { overflow-wrap: anywhere; }
code, pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
dl { display: grid; grid-template-columns: minmax(110px, 150px) 1fr; gap: 6px 16px; margin: 0; }
dt { color: var(--soft); overflow-wrap: anywhere; }
dd { margin: 0; }
.verdict { border-left: 4px solid var(--bad); }
.verdict dt { font-weight: 650; color: var(--ink); }
.chip, .badge { display: inline-block; border: 1px solid currentColor; border-radius: 999px;
  padding: 0 9px; font-size: 12px; font-weight: 650; line-height: 20px; white-space: nowrap; }
.badge { border-radius: 5px; padding: 0 6px; margin-left: 6px; font-weight: 500; }
.critical, .high, .badge.bad { color: var(--bad); }
.medium, .badge.warn { color: var(--warn); }
.low, .info, .badge { color: var(--soft); }
.badge.good { color: var(--good); }
.time { list-style: none; margin: 0; padding: 0 0 0 22px; position: relative; }
.time li { position: relative; padding: 1px 0; }
.time .event, .time .loud { display: grid; grid-template-columns: 165px 1fr; gap: 0 12px; }
.time .event::before, .time .loud::before { content: ""; position: absolute; left: -21px; top: 8px;
  width: 10px; height: 10px; border-radius: 50%; background: var(--accent); }
.time .loud::before { background: var(--bad); }
.time .event > span, .time .loud > span { grid-column: 2; color: var(--soft); }
.time b { font-weight: 600; }
.time time { color: var(--soft); font-variant-numeric: tabular-nums; }
.time .later { color: var(--soft); font-size: 12px; padding: 4px 0; min-height: 28px; }
.time .later::before { content: ""; position: absolute; left: -17px; top: 0; bottom: 0; width: 0;
  border-left: 2px solid var(--line); }
.time .broken::before { display: none; }
.time .broken svg { position: absolute; left: -22px; top: 0; width: 12px; height: 28px;
  stroke: var(--soft); fill: none; stroke-width: 1.5; }
.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree ul { padding-left: 18px; border-left: 1px solid var(--line); margin-left: 6px; }
.tree li { padding: 3px 0; }
.tree small { display: block; color: var(--soft); font-size: 13px; }
.tree .subject > div > code { font-weight: 700; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr));
  gap: 18px 28px; }
figure { margin: 0; }
figcaption { font-size: 13px; color: var(--soft); margin: 0 0 4px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: var(--soft); }
.axis { fill: none; stroke: var(--soft); stroke-width: 1; opacity: .6; }
.tick { fill: none; stroke: var(--accent); stroke-width: .7; }
.tick.bad { stroke: var(--bad); }
.bar { fill: var(--accent); }
.band { fill: var(--band); }
.gap { fill: var(--gap); }
.median { fill: none; stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
.dots { fill: none; stroke: var(--accent); stroke-width: 4; stroke-linecap: round; opacity: .7; }
.for { fill: var(--bad); }
.against { fill: var(--good); }
.pull { width: 110px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); }
th, td { padding: 5px 14px 5px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; white-space: nowrap; }
.stack td:first-child { min-width: 150px; }
td.number + td, th.number + th { padding-left: 18px; }
td.when { white-space: nowrap; }
pre { margin: 0; padding: 8px 12px; background: var(--code); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.step { margin: 0 0 12px; }
.step p { margin: 0 0 4px; }
.note { color: var(--soft); font-size: 13px; }
ul.plain { margin: 0; padding-left: 20px; }
footer { color: var(--soft); font-size: 13px; padding: 8px 4px; }
@media (max-width: 560px) {
  main { padding: 16px 10px 28px; }
  section { padding: 14px; }
  h1 { font-size: 20px; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin: 0 0 10px; }
  .time .event, .time .loud { grid-template-columns: 1fr; }
  .time .event > span, .time .loud > span { grid-column: 1; }
  .pull { width: 70px; }
  th, td { padding-right: 10px; }
  .stack tr { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: center;
    border-bottom: 1px solid var(--line); padding: 7px 0; }
  .stack tr:last-child { border-bottom: 0; }
  .stack th { display: none; }
  .stack td, .stack td.number + td { border: 0; padding: 0; }
  .stack td:first-child { flex: 1 1 100%; }
  .stack td.wide { flex: 1 1 100%; color: var(--soft); }
  .stack td.when, .stack td.number { font-size: 13px; color: var(--soft); }
}
@media print {
  :root { --ground: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f4f4f4;
    --accent: #2456c7; --bad: #b3201a; --band: #d9e4fb; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  section { border-radius: 0; padding: 12px 0 0; border-width: 1px 0 0; }
  .verdict { border-left: 0; }
  .plots { grid-template-columns: 1fr 1fr; }
  h2, h3, figcaption { break-after: avoid; }
  figure, .step, tr, .time li, .tree li > div, dd { break-inside: avoid; }
}
)";

}  // namespace tocsin::report
