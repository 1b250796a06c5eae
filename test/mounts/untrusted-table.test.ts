import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { assumedNamespace } from '../../src/mounts/judge-mount.ts';
import { RULES } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';
import { colors } from '../../src/present/color.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { mountsJson } from '../../src/present/mounts-json.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { mountsDocument } from '../../src/present/mounts.ts';
import { startsOfMountTables } from '../recordings.ts';
import { keepsPromises } from '../untrusted-text.ts';

/** As `rollcall mounts` shows it, by each rule. */
function shown(table: ReturnType<typeof parseMountInfo>): readonly string[] {
  const namespace = assumedNamespace(table);
  const malformed = table.malformed.slice(0, 5);
  const byRule = RULES.flatMap((rule) => {
    const { mode, choices } = chooseMounts({ table, namespace, live: null, rule });
    const report = {
      source: 'x',
      rule,
      namespace,
      namespaceAssumed: true,
      mode,
      choices,
      malformed,
    };
    const text = documentText(mountsDocument(report), { colors: colors(false), columns: 100 });
    return [...text.split('\n'), jsonText(mountsJson(report))];
  });
  return [...byRule, ...malformed.map(({ text }) => text)];
}

describe('where a tenant mounts,', () => {
  keepsPromises('a mount table that is shown', {
    recorded: startsOfMountTables,
    read: (text) =>
      [parseMountInfo, parseMounts].flatMap((parse) => shown(parse(asByteString(text)))),
  });
});
