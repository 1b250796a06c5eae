import type { Route } from '../routes.ts';

/* Go templates, as Prometheus fills them in from the labels of an alert. A label that is missing is an empty text there. */

const label = (name: string): string => `$labels.${name}`;

export const deployment = ({ labels }: Route): string =>
  `{{ with ${label(labels.deployment)} }} of deployment {{ . }}{{ end }}`;

/** Names a cell as `bosh ssh` wants it, where the labels can tell. */
export const cell = (route: Route): string => {
  const { labels } = route;
  const group = `{{ with ${label(labels.group)} }}{{ . }}/{{ end }}`;
  const instance =
    labels.cell === labels.index
      ? `${group}{{ ${label(labels.index)} }}`
      : `{{ if ${label(labels.index)} }}${group}{{ ${label(labels.index)} }}{{ else }}{{ ${label(labels.cell)} }}{{ end }}`;
  return `cell ${instance}{{ with ${label(labels.ip)} }} ({{ . }}){{ end }}${deployment(route)}`;
};
