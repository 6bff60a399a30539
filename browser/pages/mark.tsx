// The mark: two faces, one film.
export function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
      <rect x="2" y="5.5" width="8.5" height="13" rx="2.5" fill="none" stroke="currentColor" stroke-width="2" />
      <rect x="12.5" y="4.5" width="10.5" height="15" rx="3.5" fill="currentColor" />
    </svg>
  );
}
