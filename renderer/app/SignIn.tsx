import { useEffect, useState } from 'react';
import { ticketIn } from '../client/browserSession.ts';
import { Button } from '../components/Button.tsx';
import { Field, TextInput } from '../components/Field.tsx';
import { TreeLogo } from '../features/frame/TreeLogo.tsx';
import styles from './Gate.module.css';

/** Stands in for the room while this tab has no session: says how to get a link. */
export function SignIn({ reason }: { readonly reason: string }) {
  const [link, setLink] = useState('');
  useEffect(() => {
    // A fresh link opened in this very tab changes only the part after `#`, which loads nothing by itself.
    const onHash = () => ticketIn(location.hash) !== null && location.reload();
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);
  const ticket = ticketIn(link.trim());
  return (
    <main className={styles.gate}>
      <form
        className={styles.card}
        onSubmit={(event) => {
          event.preventDefault();
          if (ticket === null) return;
          location.hash = new URLSearchParams({ ticket }).toString();
        }}
      >
        <TreeLogo size={32} />
        <h1 className={styles.title}>Overstory Control Room</h1>
        <p className={styles.reason} role="status">
          {reason}
        </p>
        <p className={styles.text}>
          A link opens the room once and stays valid for a minute. Make one in a terminal, in the project’s folder:
        </p>
        <pre className={styles.commands}>
          {
            'ov open        # a link to the engine that runs here\nnpm start      # starts an engine and prints its link'
          }
        </pre>
        <Field label="Or paste the link here">
          {(id) => (
            <TextInput
              id={id}
              autoFocus
              value={link}
              placeholder={`${location.origin}/#ticket=…`}
              onChange={(event) => setLink(event.target.value)}
            />
          )}
        </Field>
        <div className={styles.actions}>
          <Button type="submit" tone="primary" disabled={ticket === null}>
            Sign in
          </Button>
          <Button onClick={() => location.reload()}>Try again</Button>
        </div>
      </form>
    </main>
  );
}
