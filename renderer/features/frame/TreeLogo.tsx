/** The mark of the product: a tree whose crown stands above the rest. */
export function TreeLogo({ size = 20 }: { readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="1.75"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M12 3 7.2 9.2h2.4L5 15.6h14l-4.6-6.4h2.4z" />
      <path d="M12 15.6V21" />
    </svg>
  );
}
