import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

interface PanelToBuild {
  gridPos(place: { h: number; w: number; x: number; y: number }): PanelToBuild;
  id(id: number): PanelToBuild;
  build(): Panel;
}

/** Panels of one height side by side: their widths add up to 24 at most. */
export interface Band {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: PanelToBuild])[];
}

/** A titled part of the dashboard. */
export interface Section {
  readonly title: string;
  readonly bands: readonly Band[];
}

export interface PlacedSection {
  readonly title: string;
  readonly rowId: number;
  readonly rowY: number;
  readonly panels: readonly Panel[];
}

/** Numbers the panels and places them one below the other, so that two never share a place or a number. */
export function place(sections: readonly Section[]): readonly PlacedSection[] {
  let id = 0;
  let y = 0;
  return sections.map(({ title, bands }) => {
    const row = { title, rowId: ++id, rowY: y++ };
    const panels = bands.flatMap(({ height, panels: inBand }) => {
      let x = 0;
      const placed = inBand.map(([width, panel]) => {
        const built = panel.id(++id).gridPos({ h: height, w: width, x, y }).build();
        x += width;
        return built;
      });
      y += height;
      return placed;
    });
    return { ...row, panels };
  });
}
