import { useQuery } from '@tanstack/react-query';
import { settingsQuery } from '../api/core.ts';
import { RetentionFields } from './retention-fields.tsx';
import { Section } from './section.tsx';
import { useChangeSettings } from './use-change-settings.ts';

export function RetentionSettings() {
  const { data } = useQuery(settingsQuery);
  const change = useChangeSettings();
  return (
    <Section
      title="Retention"
      hint="Beyond these limits the oldest messages are deleted. A project can have limits of its own."
    >
      {data !== undefined && (
        <RetentionFields
          key={JSON.stringify(data.retention)}
          saved={data.retention}
          onSave={(retention) => change({ retention })}
        />
      )}
    </Section>
  );
}
