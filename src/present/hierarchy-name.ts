import { controllerNames, type Hierarchy } from '../model/hierarchy.ts';
import { asByteString } from '../model/ids.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

const MAX_NAME = 80;

/** A controller, `name=X` or `v2` for people: the names come from a mount table. */
export const controllerText = (name: string): string =>
  oneLine(textOfBytes(asByteString(name)), MAX_NAME);

/** `cpu,cpuacct`, `name=systemd`, `v2`: the names of a hierarchy for people. */
export const hierarchyText = (hierarchy: Hierarchy): string =>
  controllerText(controllerNames(hierarchy).join(',')) || 'v1 without a controller';
