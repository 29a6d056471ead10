/** The style sheet of the HTML report. `htmlStyleHash` has to follow every change of it. */
export const htmlStyle = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d4d9df;--panel:#f5f7f9;--accent:#0b57b7;--crit:#9b1c31;--high:#b3430b;--med:#7d5a00;--low:#4a5a6a;--vuln:#c02b44;--res:#2e7d4f;--block:#3f6fb5;--inc:#c98a12;--not:#a9b1ba}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e6e9ed;--dim:#a3acb6;--line:#363d46;--panel:#1d2228;--accent:#7ab4ff;--crit:#ff8fa1;--high:#ffa777;--med:#e8c264;--low:#b4c2d0;--vuln:#e8607a;--res:#55b981;--block:#78a5e6;--inc:#e0ab3e;--not:#6b747e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;line-height:1.35;margin:1.25rem 0 .5rem}
.finding h3{margin-top:0}
ul{margin:.4rem 0;padding-left:1.25rem}
h4{font-size:.9rem;margin:1rem 0 .25rem;color:var(--dim)}
p{margin:.4rem 0}
a{color:var(--accent)}
p,li,dd,h1,h2,h3,pre,tbody th,td.free{overflow-wrap:anywhere}
.kicker{color:var(--dim);margin:0 0 .25rem;font-size:.85rem;letter-spacing:.04em;text-transform:uppercase}
.headline{border-left:.4rem solid var(--low);padding:.25rem 0 .25rem 1rem}
.headline.is-vulnerable{border-color:var(--vuln)}
.headline.is-passed{border-color:var(--res)}
.headline.is-incomplete{border-color:var(--inc)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:1rem 0}
dt{color:var(--dim)}
dd{margin:0}
code,pre{font:.86em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:.25rem 0;padding:.6rem .75rem;background:var(--panel);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1rem}
.panel,.finding{border:1px solid var(--line);border-radius:8px;padding:1rem}
.finding{margin:0 0 1rem}
.figure{font-size:2rem;font-weight:650;line-height:1.1}
.dim{color:var(--dim)}
.chart{display:block;width:100%;margin:.6rem 0}
.chart.bar{height:14px;border-radius:4px}
.chart text{font-size:11px;text-anchor:middle;fill:var(--dim)}
.chart .rail{fill:var(--line)}
.chart .interval{fill:var(--accent);opacity:.35}
.chart .marker{stroke:var(--fg);stroke-width:3}
.chart .tick{stroke:var(--dim)}
.o-vulnerable{fill:var(--vuln);background:var(--vuln)}
.o-resisted{fill:var(--res);background:var(--res)}
.o-blocked{fill:var(--block);background:var(--block)}
.o-inconclusive{fill:var(--inc);background:var(--inc)}
.o-not_run{fill:var(--not);background:var(--not)}
.key{list-style:none;margin:.5rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em}
.sev{display:inline-block;border:1px solid;border-radius:4px;padding:0 .4em;font-size:.8rem;font-weight:650;text-transform:uppercase}
.sev-critical{color:var(--crit)}.sev-high{color:var(--high)}.sev-medium{color:var(--med)}.sev-low{color:var(--low)}
.fix{border-left:.25rem solid var(--accent);padding-left:.75rem;margin:1rem 0 0;white-space:pre-line}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line)}
thead th{color:var(--dim);font-weight:600}
tbody th{font-weight:400}
td.count,th.count{text-align:right;font-variant-numeric:tabular-nums}
td.wide{width:9rem;min-width:5rem}
footer{margin-top:3rem;color:var(--dim);font-size:.85rem}
@media (max-width:40rem){main{padding:1rem .75rem 3rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}
table.stack thead{display:none}table.stack tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}table.stack td,table.stack th{display:block;overflow-wrap:anywhere;border:0;padding:.05rem 0;text-align:left}table.stack td[data-name]:not(:empty)::before{content:attr(data-name) ": ";color:var(--dim)}td.wide{width:100%}}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--panel:#f4f4f4;--accent:#0b57b7;--crit:#9b1c31;--high:#b3430b;--med:#7d5a00;--low:#4a5a6a;--vuln:#c02b44;--res:#2e7d4f;--block:#3f6fb5;--inc:#c98a12;--not:#a9b1ba}
@page{margin:15mm}body{font-size:10pt}main{max-width:none;padding:0}.scroll{overflow:visible}h2,h3,h4{break-after:avoid}pre,tr,.panel{break-inside:avoid}.finding{border-width:0 0 1px;border-radius:0;padding:0 0 1rem}thead{display:table-header-group}svg,.swatch,.headline{print-color-adjust:exact;-webkit-print-color-adjust:exact}nav{display:none}}
`;

/** SHA-256 of `htmlStyle` in base64: the page allows this style sheet and nothing else. */
export const htmlStyleHash = 'AOy2S7tXzcqiyjkNSAGNHK9WKrUqQqm4emlIzpHhBWQ=';
