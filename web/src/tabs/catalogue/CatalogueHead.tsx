/** What a part of the catalogue is. */
export function CatalogueHead({ title, lead }: { title: string; lead: string }) {
  return (
    <div>
      <h2 className="text-xl font-semibold">{title}</h2>
      <p className="max-w-prose text-soft">{lead}</p>
    </div>
  )
}
