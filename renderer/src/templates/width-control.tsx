import { SegmentedControl } from '@mantine/core';

interface WidthControlProps {
  /** `phone` or `desktop`, as it was stored. */
  readonly width: string;
  readonly onChange: (width: string) => void;
}

export const WidthControl = ({ width, onChange }: WidthControlProps) => (
  <SegmentedControl
    aria-label="Width"
    value={width}
    onChange={onChange}
    data={[
      { value: 'phone', label: 'Phone' },
      { value: 'desktop', label: 'Desktop' },
    ]}
  />
);
