import type { ReportView } from '../../src/model/report-view.ts';
import {
  parseAgentError,
  parseAgentEvents,
  parseDrillAnswer,
  parseNamesSocket,
  parseReportJson,
} from '../../src/parse/agent-answers.ts';
import { namesSocketBlocks, namesSocketShown } from '../../src/present/names-socket.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { checkText } from '../../src/present/cell-document.ts';
import { colors } from '../../src/present/color.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { STATES } from '../present/agent-state-builder.ts';
import { keepsPromises } from '../untrusted-text.ts';

const NOON = '2026-12-01T12:00:00.000Z';
const SCREEN = { colors: colors(false), columns: 100 };
const REPORTS = Object.values(STATES)
  .flatMap((state) => state().report ?? [])
  .map(reportJson);

const shown = (view: ReportView): readonly string[] => [
  ...checkText(view, {
    ...SCREEN,
    all: true,
    wide: true,
    isWhole: false,
    settleMilliseconds: 2000,
  }).split('\n'),
  jsonText(view),
];

describe('where another program answers at the status socket,', () => {
  keepsPromises('a report of the agent', {
    recorded: () => REPORTS.map((report) => jsonText(report)),
    read: (text) => {
      const report = parseReportJson(text);
      return report.ok ? shown(report.value) : [report.why];
    },
  });

  keepsPromises('another answer of the agent', {
    recorded: () => [
      ...Object.values(STATES).map((state) => jsonText(state().events)),
      '{"error":"x"}',
    ],
    read: (text) => [
      parseAgentError(text),
      jsonText([parseAgentEvents(text), parseDrillAnswer(text)]),
    ],
  });

  keepsPromises("what the names' socket was asked for", {
    recorded: () => [
      jsonText({
        schemaVersion: 1,
        socket: {
          path: '/cri.sock',
          listeningSince: NOON,
          eventStreams: 1,
          asked: [{ id: 'garden.servi', first: NOON, last: NOON, answer: 'unnameable' }],
        },
      }),
    ],
    read: (text) => {
      const socket = parseNamesSocket(text);
      if (!socket.ok) return [socket.why];
      if (socket.value === null) return [];
      const view = namesSocketShown(socket.value, { falcoSince: NOON, now: NOON });
      return [...documentText([namesSocketBlocks(view)], SCREEN).split('\n'), jsonText(view)];
    },
  });
});
