"""Dolibarr 18 to 22: third parties as customers and companies, orders or invoices, the catalogue, proposals, tickets.

A customer is a third party that is a customer, a prospect, or both; the e-mails and telephones of its contacts are
theirs too, and the name of the only contact, where there is one. A third party with a professional type (or without
a type and with a VAT number) is also the company it buys for; a private person's company is the parent company.

A purchase is an order, for it says when and what somebody decided to buy; what came back is told by credit notes,
which are listed beside orders as purchases of negative quantities. Where no orders are kept, `purchases: invoices`
takes invoices instead. A refund without a credit note is not seen, and an order keeps its status when it is
refunded. All prices are before tax.

Proposals are open while they are drafts or validated; Dolibarr puts lines on drafts only. Associated products are
the parts of a kit, which whoever buys the kit has; with the setting `accessories` those whose stock does not move
along are taken for accessories. Deleting leaves no trace, and is noticed once a week by what is not listed any more.

Not seen here on a real Dolibarr, and taken from its source or from others: 18, 19, 21 and 22; several currencies;
that `stock_reel` is told in lists; that a line keeps our mark; that a complementary attribute that is changed alone
restamps its third party (where it does not, the weekly run through everything notices); which versions join
complementary attributes to the search for third parties (where one does not, finding by a declared id is refused).
"""

from crm_adapters.vendors.dolibarr.adapter import Adapter as Adapter
