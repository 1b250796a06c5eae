import type { MountsView } from '../model/answers.ts';
import type { Candidate, MountChoice, MountsReport } from '../model/hierarchy.ts';
import { asByteString } from '../model/ids.ts';
import type { Mount } from '../model/mount.ts';
import type { HierarchyView } from '../model/report-view.ts';
import { textOfBytes } from '../model/text.ts';

const placeJson = ({ mountPoint, id, root }: Mount) => ({
  mountPoint: textOfBytes(mountPoint),
  mountId: id,
  root: root === null ? null : textOfBytes(root),
});

const wordText = (word: string): string => textOfBytes(asByteString(word));

/** A hierarchy without its candidates, as in a report of the cell. */
export function hierarchyJson({ hierarchy, chosen, confirmed, why }: MountChoice): HierarchyView {
  return {
    device: hierarchy.device,
    version: hierarchy.version,
    controllers: hierarchy.controllers.map(wordText),
    name: hierarchy.name === null ? null : wordText(hierarchy.name),
    chosen: chosen === null ? null : placeJson(chosen),
    confirmed,
    why,
  };
}

const candidateJson = ({ mount, verdict, why }: Candidate) => ({
  ...placeJson(mount),
  verdict,
  why,
});

/** The output of `rollcall mounts --format json`; another shape needs a new schemaVersion. */
export function mountsJson(report: MountsReport): MountsView {
  const { source, rule, namespace, mode, malformed, choices } = report;
  return {
    schemaVersion: 1,
    source,
    rule,
    cgroupNamespace: namespace,
    mode,
    malformedLines: malformed.length,
    hierarchies: choices.map((choice) => ({
      ...hierarchyJson(choice),
      candidates: choice.candidates.map(candidateJson),
    })),
  };
}
