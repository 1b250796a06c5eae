import { expect } from 'chai';
import { propertyUses } from '../../../tools/release/release-checks.ts';

const asked = (erb: string): readonly string[] =>
  propertyUses(erb).uses.map(
    ({ name, isRequired }) => `${name} ${isRequired ? 'required' : 'optional'}`,
  );

describe('the properties that a template asks for', () => {
  for (const [erb, ...uses] of [
    ["<%= p('a.b') %>", 'a.b required'],
    ['<%= p("a.b").to_json %>', 'a.b required'],
    ["<%= p('a',\n  nil) %>", 'a optional'],
    ["<% if_p('a') do |a| %><% end %>", 'a optional'],
    ["<%= p 'a', 1 %>", 'a optional'],
    ["<%# p('a') %>"],
    ["<%\n  # p('a')\n%>"],
    ["p('text') outside"],
    ["<%% p('a') %>"],
    ["<%= map('a') + other.p('b') %>"],
  ] as const)
    it(`are ${uses.length === 0 ? 'none' : uses.join(' and ')} in ${erb}`, () => {
      expect(asked(erb)).to.deep.equal(uses);
    });

  it('may be mentioned where p takes a variable', () => {
    const erb = "<% %w[a.b c.d].each { |name| p(name, '') }; f.call('e.f') %>";
    expect(propertyUses(erb).mentions).to.include.members(['a.b', 'c.d', 'e.f']);
  });
});
