import type { ContainerReport } from '../../src/model/report.ts';
import type { AdviceView } from '../../src/model/report-view.ts';
import { adviceOn } from '../../src/present/advice/advice.ts';

/** What to do about a container once it is a finding. */
export const advised = (container: ContainerReport): AdviceView =>
  adviceOn({ ...container, status: 'untracked' }, { cell: null, explained: null }) ?? {
    urgency: '',
    steps: [],
  };

/** All that an advice says, a line for each part. */
export const adviceText = ({ urgency, steps }: AdviceView): string =>
  [urgency, ...steps.flatMap(({ action, command, result }) => [action, command, result])].join(
    '\n',
  );

/** All that is said about what to do about a container; empty where nothing is. */
export const whatToDo = (container: ContainerReport): string => adviceText(advised(container));

export const commandsOf = ({ steps }: AdviceView): readonly string[] =>
  steps.flatMap(({ command }) => command ?? []);
