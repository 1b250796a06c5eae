import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { EscapedProcess } from '../../src/model/finding.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { whatToDo } from '../../src/present/reason-texts.ts';
import { container } from './agent-state-builder.ts';

const escaped = (...processes: readonly Partial<EscapedProcess>[]): ContainerReport => ({
  ...container(0),
  status: 'untracked',
  reason: 'escaped',
  severity: processes.every(({ enteredBy }) => typeof enteredBy === 'string')
    ? 'warning'
    : 'critical',
  explanation: {
    kind: 'escaped',
    processes: processes.map((one) => ({
      pid: 7,
      cgroup: asByteString('/cron.service'),
      enteredBy: null,
      ...one,
    })),
  },
});

describe('the sentence about a container that processes have left', () => {
  it('names the processes and where they run', () => {
    expect(containerSentence(escaped({}))).to.equal(
      'Process 7 has its root filesystem, but runs outside its cgroup, in /cron.service: ' +
        'its limits do not apply there, and whatever watches its cgroup does not see it.',
    );
    const several = escaped({}, { pid: 8 }, { pid: 9, cgroup: asByteString('/') });
    expect(containerSentence(several)).to.equal(
      'Processes 7, 8 and 9 have its root filesystem, but run outside its cgroup, in ' +
        '/cron.service and /: its limits do not apply there, and whatever watches its cgroup does not see them.',
    );
  });

  it('names the command with which somebody entered, if all processes have one', () => {
    const entered = escaped({ enteredBy: 'nsenter -a' }, { pid: 8, enteredBy: 'nsenter -m -p' });
    expect(containerSentence(entered)).to.equal(
      'Processes 7 and 8 have its root filesystem, but run outside its cgroup, in /cron.service: ' +
        'somebody entered the container from outside with nsenter -a.',
    );
    expect(whatToDo(entered)).to.match(/^Ask whoever ran that command/);
    const both = escaped({ enteredBy: 'nsenter -a' }, { pid: 8 });
    expect(containerSentence(both)).not.to.contain('nsenter');
    expect(whatToDo(both)).to.match(/^Find out what moved the process/);
  });

  it('shows the names of cgroups and commands escaped and bounded', () => {
    const cgroup = asByteString(`/\n\u001b[2J${'x'.repeat(4000)}`);
    expect(containerSentence(escaped({ cgroup }))).to.match(/^[^\p{Cc}]{1,450}$/u);
    const enteredBy = `\u001b[2J\n${'x'.repeat(4000)}`;
    expect(containerSentence(escaped({ cgroup, enteredBy }))).to.match(/^[^\p{Cc}]{1,650}$/u);
  });
});
