/** Every colour of the page, light and dark. Text on each ground it stands on reaches a contrast of 4.5 to 1. */
export const COLOR_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --sunk: #eef0f4; --line: #d9dee5; --line-strong: #8592a3;
  --ink: #18202b; --quiet: #526072; --link: #1a5fb4; --focus: #1a5fb4;
  --ok: #13693c; --ok-ground: #e8f4ec;
  --critical: #b3201b; --critical-ground: #fcecea;
  --warning: #8a4b00; --warning-ground: #fdf1dd;
  --unknown: #465567; --unknown-ground: #e9edf2;
  --drill: #7324a6; --drill-ground: #f5eafb; --drill-stripe: #ead3f7;
  --on-sign: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #191f27; --sunk: #212932; --line: #2e3844; --line-strong: #758294;
    --ink: #e7ebf0; --quiet: #a3afbd; --link: #8ab8ff; --focus: #8ab8ff;
    --ok: #6ed39b; --ok-ground: #14281e;
    --critical: #ff928a; --critical-ground: #331a1a;
    --warning: #f1bb5a; --warning-ground: #2f2413;
    --unknown: #b6c2d0; --unknown-ground: #232c37;
    --drill: #d7a6f7; --drill-ground: #2a1a36; --drill-stripe: #3a2449;
    --on-sign: #11151b;
  }
}
.ok { --sign: var(--ok); --ground: var(--ok-ground); }
.critical { --sign: var(--critical); --ground: var(--critical-ground); }
.warning { --sign: var(--warning); --ground: var(--warning-ground); }
.pending, .unknown, .info { --sign: var(--unknown); --ground: var(--unknown-ground); }
.drill { --sign: var(--drill); --ground: var(--drill-ground); }
`;
