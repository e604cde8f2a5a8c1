import { Pause, Search, X } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../components/Button.tsx';
import { Checkbox } from '../../components/Checkbox.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/Field.tsx';
import { NumberField } from '../../components/NumberField.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Shortcut } from '../../components/Shortcut.tsx';
import { Slider } from '../../components/Slider.tsx';
import { Switch } from '../../components/Switch.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import styles from './Gallery.module.css';
import { Part, Row } from './Part.tsx';

const LEVELS = [
  { value: 'debug', label: 'Debug' },
  { value: 'info', label: 'Info' },
  { value: 'warn', label: 'Warn' },
  { value: 'error', label: 'Error', disabled: true },
];
const nothing = () => {};

function Choices() {
  const [on, setOn] = useState(true);
  const [ticked, setTicked] = useState(true);
  const [group, setGroup] = useState<'agent' | 'model' | 'role'>('agent');
  return (
    <>
      <Part title="Switch">
        <Switch label="Shadow mode" hint="Verdicts are written down, nothing is done." checked={on} onChange={setOn} />
        <Switch label="Off" checked={false} onChange={nothing} />
        <Switch label="Not now" checked={false} disabled onChange={nothing} />
        <Switch label="Always" checked disabled onChange={nothing} />
      </Part>
      <Part title="Checkbox">
        <Checkbox label="Decision gates" hint="Rings at once." checked={ticked} onChange={setTicked} />
        <Checkbox label="Some of them" checked={false} mixed onChange={nothing} />
        <Checkbox label="Not chosen" checked={false} onChange={nothing} />
        <Checkbox label="Not now" checked disabled onChange={nothing} />
      </Part>
      <Part title="Segmented">
        <Row>
          <Segmented
            label="Group by"
            value={group}
            onChange={setGroup}
            options={[
              { value: 'agent', label: 'Agent' },
              { value: 'model', label: 'Model' },
              { value: 'role', label: 'Role' },
            ]}
          />
          <Segmented
            label="One disabled"
            value="on"
            onChange={nothing}
            options={[
              { value: 'on', label: 'On' },
              { value: 'off', label: 'Off', disabled: true },
            ]}
          />
        </Row>
      </Part>
    </>
  );
}

function Ranges() {
  const [moment, setMoment] = useState(8);
  const [agents, setAgents] = useState<number | null>(25);
  return (
    <>
      <Part title="Number field">
        <Row>
          <Field label="Agents at once" hint="1 to 50">
            {(id, describedBy) => (
              <NumberField id={id} describedBy={describedBy} value={agents} min={1} max={50} onChange={setAgents} />
            )}
          </Field>
          <Field label="Cap of the run">
            {(id) => (
              <NumberField id={id} value={15} min={0} max={999} step={0.5} decimals={2} unit="USD" onChange={nothing} />
            )}
          </Field>
          <Field label="Not now">{(id) => <NumberField id={id} value={3} max={9} disabled onChange={nothing} />}</Field>
        </Row>
      </Part>
      <Part title="Slider">
        <Slider label="Moment" value={moment} max={24} text={`${moment} of 24`} onChange={setMoment} />
        <Slider label="At the beginning" value={0} text="0" onChange={nothing} />
        <Slider label="Not now" value={60} disabled text="60" onChange={nothing} />
      </Part>
    </>
  );
}

function TabsPart() {
  const [tab, setTab] = useState<'policy' | 'logs' | 'drills'>('policy');
  return (
    <Part title="Tabs">
      <div className={styles.frame}>
        <Tabs
          label="Parts of health"
          value={tab}
          onChange={setTab}
          tabs={[
            { id: 'policy', title: 'Policy' },
            { id: 'logs', title: 'Logs', extra: 128 },
            { id: 'drills', title: 'Drills', disabled: true },
          ]}
          end={<Button small>Check now</Button>}
        >
          <p className={styles.menuTarget}>{tab === 'policy' ? 'What the watchdog does.' : 'What was written down.'}</p>
        </Tabs>
      </div>
    </Part>
  );
}

/** What is pressed, typed into or chosen from. */
export function ControlParts() {
  return (
    <>
      <Part title="Button">
        <Row>
          <Button tone="primary">Sling task</Button>
          <Button>Take over</Button>
          <Button tone="quiet">Cancel</Button>
          <Button tone="danger">Stop agent</Button>
        </Row>
        <Row>
          <Button tone="primary" disabled>
            Sling task
          </Button>
          <Button disabled>Take over</Button>
          <Button small>
            <Pause size={12} aria-hidden="true" /> Pause
          </Button>
          <Button small tone="quiet">
            More
          </Button>
          <IconButton label="Search">
            <Search size={14} aria-hidden="true" />
          </IconButton>
          <IconButton label="Close" disabled>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </Row>
      </Part>
      <Part title="Shortcut">
        <Row>
          <Shortcut keys="Mod+K" />
          <Shortcut keys="Mod+Alt+ArrowRight" />
          <Shortcut keys="Shift+N" />
          <Shortcut keys="?" />
        </Row>
      </Part>
      <Part title="Field">
        <Field label="Title" hint="What the agent reads first.">
          {(id, describedBy) => <TextInput id={id} aria-describedby={describedBy} defaultValue="CSV writer" />}
        </Field>
        <Field label="Branch" error="The branch exists already; choose another name.">
          {(id, describedBy) => (
            <TextInput id={id} aria-describedby={describedBy} aria-invalid placeholder="overstory/name" />
          )}
        </Field>
        <Field label="Not now">{(id) => <TextInput id={id} disabled value="overstory/main" readOnly />}</Field>
      </Part>
      <Part title="Text area and select">
        <Field label="Words">{(id) => <TextArea id={id} rows={3} placeholder="Write to csv-writer" />}</Field>
        <Row>
          <Select className={styles.half} aria-label="Level" options={LEVELS} defaultValue="info" />
          <Select className={styles.half} aria-label="Not now" options={LEVELS} disabled />
        </Row>
      </Part>
      <Choices />
      <Ranges />
      <TabsPart />
    </>
  );
}
