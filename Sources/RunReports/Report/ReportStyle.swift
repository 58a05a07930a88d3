/// The report's looks: one style sheet, light and dark, from a phone's width to a wide screen.
enum ReportStyle {
  static let css: HTML = """
    :root{color-scheme:light dark;
    --paper:#fcfcfb;--panel:#f4f4f1;--ink:#1c1d1f;--soft:#5d6167;--faint:#8c9096;--rule:#e2e2dd;
    --c1:#2a62c4;--c2:#c2571a;--c3:#8c9096;--good:#157f5f;--bad:#c03a2b;--warn:#a86a00;
    --good-rgb:21,140,105;--bad-rgb:205,70,50}
    @media (prefers-color-scheme:dark){:root{
    --paper:#141518;--panel:#1c1e22;--ink:#e8e8e4;--soft:#a5a9b0;--faint:#777c85;--rule:#2e3137;
    --c1:#7fabff;--c2:#f2a15f;--c3:#777c85;--good:#4fc79d;--bad:#ff7f6b;--warn:#e3ad4a;
    --good-rgb:60,190,145;--bad-rgb:245,100,80}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
    font-variant-numeric:tabular-nums}
    main{max-width:1240px;margin:0 auto;padding:40px 32px 80px}
    h1{font-size:30px;line-height:1.15;letter-spacing:-.015em;margin:2px 0 0;overflow-wrap:anywhere}
    h2{font-size:19px;letter-spacing:-.005em;margin:52px 0 4px}
    h2+p{margin:0 0 18px;color:var(--soft);max-width:74ch}
    code,pre,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
    .kicker{font-size:12px;letter-spacing:.09em;text-transform:uppercase;color:var(--soft)}
    .kicker b{font-weight:600;padding:2px 9px;margin-left:8px;border-radius:99px;border:1px solid;letter-spacing:.04em}
    .good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.note{color:var(--soft)}
    .lead{display:grid;grid-template-columns:minmax(250px,auto) 1fr;gap:12px 52px;align-items:center;margin:28px 0 8px}
    .lead .rise{font-size:46px;line-height:1.1;font-weight:650;letter-spacing:-.03em;white-space:nowrap}
    .lead .rise span{color:var(--faint);font-weight:400}
    .lead p{margin:2px 0 0;color:var(--soft)}
    .facts{display:flex;flex-wrap:wrap;gap:14px 38px;margin:26px 0 0;padding:16px 0;border:1px solid var(--rule);
    border-width:1px 0}
    .facts div{min-width:70px}.facts dt{font-size:12px;color:var(--soft)}.facts dd{margin:0;font-weight:600}
    dl{margin:0}
    .findings{list-style:none;margin:22px 0 0;padding:0;display:grid;gap:9px}
    .findings li{display:grid;grid-template-columns:18px 1fr;gap:8px;max-width:100ch}
    .findings .sign{font-weight:700;text-align:center}.findings b{font-weight:600}.findings div span{color:var(--soft)}
    .pair{display:grid;grid-template-columns:1fr 1fr;gap:0 48px;align-items:start}
    table{border-collapse:collapse;width:100%}
    th,td{text-align:right;padding:7px 0 7px 18px;border-bottom:1px solid var(--rule);vertical-align:top}
    th{font-weight:500;font-size:12px;color:var(--soft)}th:first-child,td:first-child{text-align:left;padding-left:0}
    td small{display:block;color:var(--soft);font-size:12px}
    pre{background:var(--panel);border-radius:8px;padding:14px 16px;margin:0;overflow:auto;line-height:1.55;tab-size:2}
    .recipe{max-height:330px}
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,500px),1fr));gap:30px 44px}
    .chart{margin:0;min-width:0;position:relative}.chart svg{display:block;width:100%;height:auto;touch-action:pan-y}
    figcaption{display:flex;flex-wrap:wrap;gap:0 12px;align-items:baseline;margin-bottom:4px}
    figcaption .now{font-weight:600;color:var(--c1)}figcaption .legend{font-size:12.5px;color:var(--soft);
    display:flex;flex-wrap:wrap;gap:0 14px}.legend b{color:var(--ink);font-weight:600}
    figcaption .caption{flex-basis:100%;font-size:13px;color:var(--soft)}
    .key{display:inline-block;width:14px;height:0;border-top:3px solid;vertical-align:middle;margin:0 6px 2px 0}
    .key.faint{opacity:.4}.key.marked{width:8px;height:8px;border:0;border-radius:9px;background:currentColor}
    .c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}
    svg text{font-size:11px;fill:var(--soft);font-family:inherit}
    svg .grid{stroke:var(--rule);stroke-width:1}svg .cursor{stroke:var(--faint);stroke-width:1}
    svg path{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    svg path.faint{stroke-width:1;opacity:.4}svg path.marked{stroke-width:1.5}
    svg path.area{fill:currentColor;stroke:none;opacity:.62}
    svg .whisker{stroke:currentColor;stroke-width:2;opacity:.45}
    svg .dot{fill:var(--paper);stroke:currentColor;stroke-width:2}
    .readout{position:absolute;top:0;right:0;background:var(--panel);border-radius:6px;padding:3px 9px;font-size:12px;
    pointer-events:none;opacity:0}
    .episode{border:1px solid var(--rule);border-radius:10px;margin:10px 0;overflow:hidden}
    .episode>summary{display:flex;flex-wrap:wrap;gap:2px 18px;align-items:baseline;padding:11px 16px;cursor:pointer;
    list-style:none}
    .episode>summary::-webkit-details-marker{display:none}
    .episode>summary:before{content:"›";color:var(--faint);font-weight:700;width:.6em;transition:transform .12s}
    .episode[open]>summary:before{transform:rotate(90deg)}
    .episode[open]>summary{border-bottom:1px solid var(--rule)}
    .episode>summary:hover{background:var(--panel)}
    .episode .verdict{font-weight:600;min-width:90px}.episode .end{margin-left:auto;color:var(--soft);font-size:13px}
    .step-name{margin:26px 0 2px;font-size:14px;color:var(--soft);font-weight:500}
    .talk{padding-top:4px}
    .say{display:grid;grid-template-columns:86px 1fr;gap:4px 14px;padding:9px 0 9px 16px}
    .say>b{font-size:12px;font-weight:500;color:var(--soft);padding-top:2px}
    .say .text{white-space:pre-wrap;overflow-wrap:anywhere;max-height:340px;overflow:auto;min-width:0}
    .turn{display:grid;grid-template-columns:1fr 252px;gap:0 22px;border-top:1px solid var(--rule)}
    .turn aside{padding:11px 16px;font-size:13px}
    .turn.tinted aside{background:rgba(var(--tint),var(--depth));box-shadow:inset 3px 0 rgb(var(--tint))}
    .turn aside dl{display:grid;grid-template-columns:1fr auto;gap:1px 10px}
    .turn aside dd{margin:0;text-align:right}.turn aside dt{color:var(--soft)}
    .turn aside .total{font-weight:600}.turn aside dt.total{color:var(--ink)}
    .bar{grid-column:1/-1;height:6px;border-radius:3px;background:linear-gradient(var(--rule),var(--rule)) center/1px 100% \
    no-repeat;position:relative;margin:3px 0 5px}
    .bar i{position:absolute;top:0;bottom:0;border-radius:3px;background:rgb(var(--tint))}
    .call{display:block;margin-top:6px;padding:6px 10px;background:var(--panel);border-radius:6px;white-space:pre-wrap;
    overflow-wrap:anywhere}
    .call b{color:var(--c1)}.call.broken b{color:var(--bad)}
    .tag{font-size:12px;padding:0 7px;border:1px solid;border-radius:99px;margin-right:6px;white-space:nowrap}
    .empty{color:var(--faint);font-style:italic}
    details.plain>summary{cursor:pointer;color:var(--soft);font-size:13px}
    footer{margin-top:60px;color:var(--faint);font-size:12px}
    @media (max-width:820px){main{padding:24px 18px 60px}.pair,.lead{grid-template-columns:1fr}.lead .rise{font-size:38px}
    .turn{grid-template-columns:1fr}.say{grid-template-columns:76px 1fr;padding-right:16px}
    .turn aside{padding:9px 16px 11px 106px}.turn aside dl{max-width:300px}h2{margin-top:42px}}
    @media (max-width:480px){.say{grid-template-columns:1fr}.turn aside{padding-left:16px}}
    @media print{.episode{break-inside:avoid}.readout{display:none}}
    """

  /// Shows the values under the pointer. The report says everything without it.
  static let script: HTML = """
    for(const svg of document.querySelectorAll('svg[data-series]')){
    const data=JSON.parse(svg.dataset.series),n=k=>Number(svg.dataset[k]),line=svg.querySelector('.cursor');
    const box=document.createElement('div');box.className='readout';svg.parentNode.append(box);
    const xs=[...new Set(data.flatMap(s=>s.points.map(p=>p[0])))].sort((a,b)=>a-b);
    svg.addEventListener('pointermove',e=>{const r=svg.getBoundingClientRect();
    const at=n('low')+((e.clientX-r.left)/r.width*svg.viewBox.baseVal.width-n('left'))/(n('right')-n('left'))\
    *(n('high')-n('low'));
    const x=xs.reduce((a,b)=>Math.abs(b-at)<Math.abs(a-at)?b:a);
    const px=n('left')+(x-n('low'))/(n('high')-n('low'))*(n('right')-n('left'));
    line.setAttribute('x1',px);line.setAttribute('x2',px);
    box.textContent='step '+x+data.map(s=>{const p=s.points.find(p=>p[0]===x);return p?' · '+s.name+' '+p[1]:''}).join('');
    box.style.opacity=1});
    svg.addEventListener('pointerleave',()=>{box.style.opacity=0;line.setAttribute('x1',-9);line.setAttribute('x2',-9)})}
    """
}
