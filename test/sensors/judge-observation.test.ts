import { expect } from 'chai';
import { processOf, unnamed } from '../../src/sensors/judge-observation.ts';
import { rowsOf } from '../rows.ts';
import { TRACEE_VERSIONS } from './event-lines.ts';
import { shownOf, told } from './observed-story.ts';

/** A test of each row: what holds | the story | what its last pass shows | words of its sentence. */
function expectStories(table: string): void {
  for (const [title = '', story = '', shown, words = ''] of rowsOf(table))
    it(title, () => {
      const { observation } = told(story);
      expect(shownOf(observation)).to.equal(shown);
      expect(observation.why).to.contain(words);
    });
}

const named = (running: number, count = running): string =>
  `0-${running - 1}@50; 110 existing 0-${count - 1}`;

describe('what a sensor says it saw', () => {
  for (const version of TRACEE_VERSIONS)
    expectStories(`
Tracee ${version}: a whole burst leaves nothing unseen within one grace period | 0-59@50; 110 existing.${version} 0-39; 169 | fresh: 40 seen, 20 undecided
Tracee ${version}: it leaves unseen what is not in it after that | 0-59@50; 110 existing.${version} 0-39; 170 | fresh: 40 seen, unseen 40-59 | The event file of Tracee names 40 of 60 running containers, but not 20
`);

  expectStories(`
counts only process events of Tracee v0.16 to v0.19, whose bursts repeat one id | 0-59@50; 110 existing 0*60, process.v0.18-v0.24 1; 230 | cannot-be-told: 1 seen, 59 undecided | repeat one id, as with v0.16 to v0.19
does not take a burst with each container twice, as after throttling on v2, for that defect | 0-1@50; 110 existing 0-1*2; 300 | fresh: 2 seen
does not take the burst of one container, twice, for it either | 0@50; 110 existing 0*2; 300 | fresh: 1 seen
decides nothing about older containers without a burst, and names the events to select | 0-59@50; 110 process 0; 500 | cannot-be-told: 1 seen, 59 undecided | existing_container, container_create and container_remove
does not count a file as read whose beginning was rotated away | 0-59@50; 110 part, existing 30-59; 500 | cannot-be-told: 30 seen, 30 undecided
leaves a younger container unseen if another was announced within the last hour | 0-1@200; 210 created 0@200; 270 | fresh: 1 seen, unseen 1
does not do so if none was | 0-1@5000; 5001 created 9@1000, process 9; 5100 | cannot-be-told: 0 seen, 2 undecided, strange 8a37cb6f-385b-4dd3-732c-0009
holds skipped lines against no container | 0-1@200; 210 gap, created 9@205; 400 | cannot-be-told: 0 seen, 2 undecided, strange 8a37cb6f-385b-4dd3-732c-0009
does so only if it began before them | 0-1@200; 210 gap, created 9@205; 400; 5@410; 411 created 9@405; 471 | fresh: 0 seen, unseen 5, 2 undecided, strange 8a37cb6f-385b-4dd3-732c-0009
expects that tasks, health checks and whatever has no id for Tracee are unseen | 0-1@50; T@50; 110 existing 0-1; 500 | fresh: 2 seen, 1 expected
knows that Tracee reads v2 where cpuset is not in version 1 | 0-2@50; 110 existing 1-2; 300 | fresh: 2 seen, unseen 0
knows that Tracee reads cpuset where version 1 has it, in which the path is / | hybrid; 0-2@50; 110 existing 1-2; 300 | fresh: 2 seen, 1 expected
leaves nothing unseen by a file that is not read to its end | 0-2@50; 110 unended, existing 0-1; 200 unended, process 0 | cannot-be-told: 2 seen, 1 undecided | The agent has not read the event file to its end yet
keeps what a sensor saw | ${named(10)}; 200 | fresh: 10 seen
forgets that with a restart, after which its mount may be worse | ${named(10)}; 200; writer 200#25000; 260 anew, existing 0-1; 320 | fresh: 2 seen, unseen 2-9
keeps it when its file is rotated while it runs | ${named(10)}; 260 anew, process 0; 400 | fresh: 10 seen
raises nothing on a cell whose idle containers cause no lines for minutes | ${named(10)}; 800 | stale: 10 seen
raises nothing on a cell whose idle containers cause no lines for hours | ${named(10)}; 800; 4000; 40000 | stale: 10 seen
keeps containers unseen that a sensor missed before it became quiet, and adds none | ${named(10, 8)}; 200; 4000 | stale: 8 seen, unseen 8-9
does not call a stale sensor silent within a grace period of a new container | ${named(10, 8)}; 200; 20@4000; 4059 | stale: 8 seen, unseen 8-9, 1 undecided
calls it silent after that | ${named(10, 8)}; 200; 20@4000; 4060 | stale: 8 seen, 3 undecided, silent | Tracee is silent
takes that back with a new line | ${named(10, 8)}; 200; 20@4000; 4060; 4100 created 20@4000 | fresh: 9 seen, unseen 8-9
finds many unseen by a sensor that runs | ${named(250, 2)}; 200 | fresh: 2 seen, unseen 2-249
finds none of them by one that has died | ${named(250, 2)}; 200; writer -; 210 | cannot-be-told: 2 seen, 248 undecided, ended, down
says after a grace period that it is dead | ${named(250, 2)}; 200; writer -; 210; 270 | cannot-be-told: 2 seen, 248 undecided, ended, down, silent | The process of Tracee is not running
says after a grace period that its file is absent | 0-1@50; 110 absent; 200 absent | absent: 0 seen, 2 undecided, down, silent | restart the agent
says of an unreadable one mode and owner | 0-1@50; 110 absent; 200 absent; 210 closed | unreadable: 0 seen, 2 undecided, down, silent | /var/log/tracee (EACCES, mode 0700, owner 0:0)
judges a file that could not be read at first like any other once it can | 0-2@50; 110 closed; 300 existing 1-2; 360 | fresh: 2 seen, unseen 0
does not call a sensor dead whose process was never found | writer -; 0@50; 110 process 0; 4000 | stale: 1 seen, unknown
finds no container unseen by Falco, and shows its wrong names | falco; H@50; J@50; 110 falco good/8a37cb6 garden.servi host; 500 | cannot-be-told: 1 seen, 1 undecided, strange garden.servi | Falco writes only what matches a rule
does not call Falco silent either | falco; H@50; J@50; 110 falco good/8a37cb6 garden.servi host; 500; 40000 | stale: 1 seen, 1 undecided, strange garden.servi
counts an id that two handles begin with for neither of them | falco; 0-1@50; 110 falco 8a37cb6f-385 | cannot-be-told: 0 seen, 2 undecided
takes a list for complete | ids; 0-1@50; 110 anew, list 0-1; 500 anew, list 0 | fresh: 1 seen, 1 undecided
leaves unseen who is not in it, after a grace period | ids; 0-1@50; 110 anew, list 0-1; 500 anew, list 0; 560 anew, list 0 | fresh: 1 seen, unseen 1
counts a new list alone | ids; 0-1@50; 110 anew, list 0-1; 500 anew, list 0; 560 anew, list 0; 600 anew, list 0-1 | fresh: 2 seen
takes a list for fresh | ids; 0@50; 1000 list 0 | fresh: 1 seen
does so for the grace period only | ids; 0@50; 1000 list 0; 1601 | stale: 1 seen
shows ids of no container, bounded, but not one of a container that ended | ${named(2)}; 1 ends; 120 process a b c d e f g h i; 180 | fresh: 1 seen, strange a b c d e and 4 more
shows unseen containers in the order of their handles | 9@50; 0-2@50; 110 existing 0-1; 170 | fresh: 2 seen, unseen 2 9
keeps the last counts while nothing can be compared | ${named(4, 2)}; 200; 210 uncompared | cannot-be-told: 2 seen, unseen 2-3
goes on from them | ${named(4, 2)}; 200; 210 uncompared; 220 | fresh: 2 seen, unseen 2-3
reports nothing again after a restart of the agent, and begins no new grace period | ${named(10, 8)}; restart; 170 existing 0-7 | fresh: 8 seen, unseen 8-9
`);

  it('gives no advice about events in a pass that compares nothing', () => {
    for (const story of ['0-1@50; 100 nothing', 'ids; 0-1@50; 100 nothing'])
      expect(told(`${story}; 101 uncompared`).observation.why).to.match(
        /^This pass could compare no container with the event file of \w+\.$/,
      );
  });

  it('is of the sensor that its format or its name gives', () => {
    const of = (name: string, format: 'ids' | 'tracee') =>
      processOf({ name, format, path: '/events', graceSeconds: 60 });
    expect([of('x', 'tracee'), of('falco', 'ids'), of('x', 'ids')]).to.deep.equal([
      'tracee',
      'falco',
      null,
    ]);
  });

  it('asks for the starts of what it has not named, unless nothing follows from that', () => {
    const { observation, remembered } = told(named(4, 2));
    const containers = [...observation.sees.keys()].map((handle) => ({ handle }));
    const asked = containers.flatMap(({ handle }) =>
      observation.sees.get(handle) === 'yes' ? [] : [handle],
    );
    expect(asked).to.have.lengthOf(2);
    expect(unnamed(remembered, containers)).to.deep.equal(asked);
    expect(unnamed({ ...remembered, format: 'falco' }, containers)).to.deep.equal([]);
  });

  it('limits hostile ids in memory, which displace no container', () => {
    const strange = (pass: number): string =>
      Array.from({ length: 4000 }, (_, n) => `${'x'.repeat(200)}${pass}.${n}`).join(' ');
    const passes = [0, 1, 2, 3].map((n) => `${120 + n} process ${strange(n)}`).join('; ');
    const last = told(`${named(10)}; ${passes}; 200`);
    expect(last.remembered.ids.size).to.equal(5000);
    expect(last.observation).to.deep.include({ seen: 10, unseen: [] });
  });
});
