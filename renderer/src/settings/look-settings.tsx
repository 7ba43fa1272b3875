import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { bridge, can } from '../host/host.ts';
import { Section } from './section.tsx';

export function LookSettings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const change = (value: string) => {
    const scheme = value === 'light' || value === 'dark' ? value : 'auto';
    setColorScheme(scheme);
    if (bridge !== null && can('theme')) void bridge.setTheme(scheme === 'auto' ? 'system' : scheme);
  };
  return (
    <Section title="Theme">
      <SegmentedControl
        aria-label="Theme"
        value={colorScheme}
        onChange={change}
        data={[
          { value: 'auto', label: 'System' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
    </Section>
  );
}
