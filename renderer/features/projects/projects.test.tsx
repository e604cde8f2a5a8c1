import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { ProjectView } from '../../../contract/projects.ts';
import { fail, ok } from '../../../contract/result.ts';
import { chosenProject, enterProject } from '../../client/browserProject.ts';
import { fakeRoom, renderRoom } from '../../testing/fakeRoom.tsx';
import { roomStatus } from '../../testing/fixtures.ts';
import { OpenFolderDialog } from './OpenFolderDialog.tsx';
import { ProjectPill } from './ProjectPill.tsx';
import { ProjectSwitcher } from './ProjectSwitcher.tsx';
import { projectActions } from './projectActions.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const project = (id: string, over: Partial<ProjectView> = {}): ProjectView => ({
  id: id.repeat(16),
  root: `/code/${id}`,
  name: `project-${id}`,
  openedAt: '2026-11-20T10:00:00.000Z',
  live: true,
  attention: 0,
  working: 0,
  current: false,
  ...over,
});

test('the pill counts what waits in other projects, and nothing of this one', async () => {
  const fake = fakeRoom();
  fake.publish('status', { value: roomStatus() });
  fake.answer('projects.list', () =>
    ok({
      projects: [
        project('a', { current: true, attention: 7 }),
        project('b', { attention: 2 }),
        project('c', { live: false, attention: null, working: null }),
      ],
    }),
  );
  renderRoom(fake, <ProjectPill trigger={(content) => <button type="button">{content}</button>} />);
  expect((await screen.findByTitle('Things that wait for you in other projects')).textContent).toContain('2');
});

test('the switcher tells of each project what happens in it, and asks for the one that is chosen', async () => {
  const fake = fakeRoom();
  fake.room.actions.register(projectActions);
  fake.answer('projects.list', () =>
    ok({
      projects: [
        project('a', { current: true }),
        project('b', { attention: 1, working: 2 }),
        project('c', { working: 3 }),
        project('d', { live: false, attention: null, working: null }),
      ],
    }),
  );
  fake.answer('projects.open', () => fail('notFound', 'gone'));
  const close = vi.fn();
  renderRoom(fake, <ProjectSwitcher close={close} />);
  const words = (name: string) => screen.getByText(name).closest('[role="option"]')?.textContent;
  await screen.findByText('project-b');
  expect(words('project-a')).toContain('open');
  expect(words('project-b')).toContain('needs you');
  expect(words('project-c')).toContain('3 agents work');
  expect(words('project-d')).toContain('no engine');
  fireEvent.click(screen.getByText('project-b'));
  expect(close).toHaveBeenCalled();
  expect(fake.calls).toContainEqual({ name: 'projects.open', input: { path: '/code/b' } });
});

test('a folder that is no project says what to do, where it was typed', async () => {
  const fake = fakeRoom();
  fake.answer('projects.open', () => fail('notFound', '/tmp is no project of this machine yet'));
  renderRoom(fake, <OpenFolderDialog close={() => {}} />);
  fireEvent.change(screen.getByLabelText('Folder'), { target: { value: ' /tmp ' } });
  fireEvent.click(screen.getByRole('button', { name: 'Open' }));
  expect((await screen.findByRole('alert')).textContent).toContain('no project of this machine');
  expect(fake.calls).toContainEqual({ name: 'projects.open', input: { path: '/tmp' } });
});

test('a page that may only watch is offered no way into other projects', () => {
  const fake = fakeRoom();
  fake.setLink({ kind: 'online', connection: 1, serverTime: '2026-11-20T10:00:00.000Z', scope: 'read' });
  fake.room.actions.register(projectActions);
  for (const id of ['project.switch', 'project.open', 'demo.start', 'wallboard.link'])
    expect(fake.room.actions.run(id, fake.room)).toBe(false);
});

test('a tab keeps which project it shows, and nothing that is no id', () => {
  const held = new Map<string, string>();
  const reload = vi.fn();
  const page = {
    sessionStorage: {
      getItem: (key: string) => held.get(key) ?? null,
      setItem: (key: string, value: string) => void held.set(key, value),
      removeItem: (key: string) => void held.delete(key),
    },
    location: { reload },
  };
  expect(chosenProject(page)).toBeNull();
  enterProject(page, '0123456789abcdef');
  expect(chosenProject(page)).toBe('0123456789abcdef');
  enterProject(page, '../../etc/passwd');
  expect(chosenProject(page)).toBeNull();
  enterProject(page, null);
  expect(held.size).toBe(0);
  expect(reload).toHaveBeenCalledTimes(3);
});
