/** Whether an address is a vendor's public one: a cloud, whether somebody says so or not. */
export function isCloudVendor(baseUrl: string): boolean {
  return vendorHosts.test(new URL(baseUrl).hostname)
}

const vendorHosts =
  /(^|\.)(openai\.com|anthropic\.com|azure\.com|googleapis\.com|openrouter\.ai|mistral\.ai|groq\.com|together\.xyz)$/
